/** From figures to places on an axis. */

export interface Scale {
  readonly isLogarithmic: boolean;
  readonly ticks: readonly number[];
  /** Between 0 and 1. */
  readonly place: (value: number) => number;
}

/** Where the largest is so many times the smallest, only a logarithmic axis shows both. */
const linearRatioMax = 40;
const ticksMax = 6;

/** An axis for positive figures. */
export function scaleFor(values: readonly number[]): Scale {
  const wanted = values.filter((value) => Number.isFinite(value) && value > 0);
  if (wanted.length === 0) return linear(1);
  const [least, most] = [Math.min(...wanted), Math.max(...wanted)];
  return most / least > linearRatioMax ? logarithmic(least, most) : linear(most);
}

function linear(most: number): Scale {
  const rough = most / (ticksMax - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? rough;
  const top = Math.ceil((most / step) * 0.999_999) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
  return { isLogarithmic: false, ticks, place: (value) => Math.max(0, value / top) };
}

function logarithmic(least: number, most: number): Scale {
  // A bar of the smallest figure must be seen, too: the axis begins below it.
  const [low, high] = [Math.log10(least / 2), Math.log10(most * 1.02)];
  const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, index) => Math.floor(low) + index);
  const steps = high - low < 2.2 ? [1, 2, 5] : [1];
  const all = decades.flatMap((power) => steps.map((step) => step * 10 ** power));
  const inside = all.filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
  const stride = Math.ceil(inside.length / (ticksMax + 1));
  const ticks = inside.filter((_tick, index) => index % stride === 0);
  return {
    isLogarithmic: true,
    ticks,
    place: (value) => Math.max(0, (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)),
  };
}
