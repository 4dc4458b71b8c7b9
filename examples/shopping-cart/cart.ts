// A shopping cart as plain code: its state is these variables. There is no database, and nothing here knows of crashes.

interface Item {
  readonly product: string;
  readonly price: bigint;
  readonly quantity: number;
}

interface Order {
  readonly id: string;
  readonly items: readonly Item[];
  readonly total: bigint;
}

let items: Item[] = [];

function sum(): bigint {
  return items.reduce((total, item) => total + item.price * BigInt(item.quantity), 0n);
}

function takeOrder(): Order {
  // A function that throws returns the `err` of its result.
  if (items.length === 0) throw "the cart is empty";
  const order = { id: crypto.randomUUID(), items, total: sum() };
  items = [];
  return order;
}

export const cart = {
  addItem(item: Item): void {
    const known = items.find(({ product }) => product === item.product);
    if (known === undefined) items.push(item);
    else {
      const more = { ...item, quantity: known.quantity + item.quantity };
      items = items.map((other) => (other === known ? more : other));
    }
    console.log(`${item.quantity} × ${item.product} added`);
  },

  removeItem(product: string): void {
    const rest = items.filter((item) => item.product !== product);
    if (rest.length === items.length) throw `there is no ${product} in the cart`;
    items = rest;
  },

  contents: (): readonly Item[] => items,

  total: sum,

  checkout: takeOrder,

  async checkoutAfter(seconds: number): Promise<Order> {
    await new Promise((resolve) => {
      setTimeout(resolve, seconds * 1000);
    });
    return takeOrder();
  },
};
