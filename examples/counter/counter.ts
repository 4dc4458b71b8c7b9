let count = 0;

export function add(amount: number): number {
  count += amount;
  console.log(`${amount} added`);
  return count;
}

export async function addAfter(amount: number, seconds: number): Promise<number> {
  await new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });
  return add(amount);
}

export const value = (): number => count;
