/**
 * Counters and histograms for what happens with every invocation. Whoever counts keeps the series: `prom-client` would
 * look it up by all of its labels each time. They are shown in the form that `prom-client` adds up over threads.
 */
import type { MetricFamilies } from "../platform/metric-families.ts";

export interface Labels {
  readonly [name: string]: string;
}

interface Sample {
  readonly labels: { readonly [name: string]: string | number };
  readonly value: number;
  readonly metricName?: string;
}

/** What `Tallies` needs of a series. */
interface Series {
  readonly samples: (name: string) => readonly Sample[];
}

export class Counter implements Series {
  readonly #labels: Labels;
  #value = 0;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  add(count = 1): void {
    this.#value += count;
  }

  samples(): readonly Sample[] {
    return [{ labels: this.#labels, value: this.#value }];
  }
}

export class Histogram implements Series {
  readonly #labels: Labels;
  /** Upper ends, inclusive, in order. */
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#count += 1;
    this.#sum += value;
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  samples(name: string): readonly Sample[] {
    const labels = this.#labels;
    const metricName = `${name}_bucket`;
    let below = 0;
    const buckets = this.#bounds.map((le, bucket): Sample => {
      below += this.#counts[bucket] ?? 0;
      return { labels: { ...labels, le }, value: below, metricName };
    });
    return [
      ...buckets,
      { labels: { ...labels, le: "+Inf" }, value: this.#count, metricName },
      { labels, value: this.#sum, metricName: `${name}_sum` },
      { labels, value: this.#count, metricName: `${name}_count` },
    ];
  }
}

/** A metric: all series of one name. */
class Family<S extends Series> {
  readonly #description: { readonly name: string; readonly help: string; readonly type: string };
  readonly #make: (labels: Labels) => S;
  readonly #series: S[] = [];

  constructor(description: { name: string; help: string; type: string }, make: (labels: Labels) => S) {
    this.#description = description;
    this.#make = make;
  }

  /** A new series, whose labels no other one has; to be kept. */
  readonly series = (labels: Labels): S => {
    const made = this.#make(labels);
    this.#series.push(made);
    return made;
  };

  toJson(): object {
    const { name } = this.#description;
    return {
      ...this.#description,
      aggregator: "sum",
      values: this.#series.flatMap((series) => series.samples(name)),
    };
  }
}

/** The metrics of one thread. */
export class Tallies {
  readonly #labels: Labels;
  readonly #families: { readonly toJson: () => object }[] = [];

  /** `labels` are those of all series. */
  constructor(labels: Labels = {}) {
    this.#labels = labels;
  }

  /** Makes the series of a counter. */
  counter(name: string, help: string): (labels?: Labels) => Counter {
    return this.#family({ name, help, type: "counter" }, (labels) => new Counter(labels));
  }

  /** Makes the series of a histogram. */
  histogram(name: string, help: string, bounds: readonly number[]): (labels?: Labels) => Histogram {
    return this.#family({ name, help, type: "histogram" }, (labels) => new Histogram(labels, bounds));
  }

  get families(): MetricFamilies {
    return this.#families.map((family) => family.toJson());
  }

  #family<S extends Series>(
    description: { name: string; help: string; type: string },
    make: (labels: Labels) => S,
  ): (labels?: Labels) => S {
    const family = new Family(description, make);
    this.#families.push(family);
    return (labels) => family.series({ ...this.#labels, ...labels });
  }
}

/** What is made for two keys, each once. */
export function byKeys<S>(make: (first: string, second: string) => S): (first: string, second?: string) => S {
  const known = new Map<string, Map<string, S>>();
  return (first, second = "") => {
    let inner = known.get(first);
    if (inner === undefined) known.set(first, (inner = new Map<string, S>()));
    let series = inner.get(second);
    if (series === undefined) inner.set(second, (series = make(first, second)));
    return series;
  };
}

/** Keeps what is made for a key; forgets all of it when there are more keys than `max`. */
export function remembered<K, V>(max: number, make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= max) known.clear();
    const made = make(key);
    known.set(key, made);
    return made;
  };
}
