/** The metrics of one thread in a form that crosses threads: what `prom-client` calls metrics as JSON. */
export type MetricFamilies = readonly object[];
