export async function runExample(url: string): Promise<void> {
  console.log(url);
}
