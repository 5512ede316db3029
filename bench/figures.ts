/** The value below which the share `q` of the figures lies; not a number where there are none. */
export function quantile(figures: readonly number[], q: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5);
}

export function round(figure: number, digits: number): number {
  return Number(figure.toFixed(digits));
}
