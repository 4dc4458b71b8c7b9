/** `product-id` in WIT is `productId` in a JavaScript value. */
export function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/-([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());
}
