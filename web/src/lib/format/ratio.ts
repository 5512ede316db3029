/** A ratio 0–1 as percent. Below ten one digit, so that a quiet machine does not look dead. */
export function formatRatio(ratio: number): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 0.05) return "<0.1 %";
  if (Math.abs(percent) < 9.95) return `${Number(percent.toFixed(1))} %`;
  // 99.6 is not full: only a whole hundred may say so.
  const whole = ratio < 1 ? Math.min(99, Math.round(percent)) : Math.round(percent);
  return `${whole} %`;
}

export type Tone = "calm" | "high" | "critical";

/** Where a bar changes colour. It drives colour alone, never a verdict. */
export function toneOf(ratio: number): Tone {
  if (ratio >= 0.92) return "critical";
  return ratio >= 0.8 ? "high" : "calm";
}
