const seen = [];

export async function status(url) {
  const response = await fetch(url);
  seen.push(`${response.status} ${await response.text()}`);
  return response.status;
}

export const all = () => seen;
