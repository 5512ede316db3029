import type uPlot from "uplot";
import type { AnomalySpan } from "../../../../contract/insights.ts";
import { colourName } from "./colours.ts";
import type { LineBand } from "./overlay.ts";

const SPAN_WIDTH_MIN = 3;
const PEAK_RADIUS = 3.5;

/** Shades the times in which something stood out, and where it usually is then; below the lines. */
export function drawSpans(plot: uPlot, spans: readonly AnomalySpan[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  inPlot(plot, () => {
    for (const { from, to, usualLow, usualHigh } of spans) {
      const [left, right] = [plot.valToPos(from, "x", true), plot.valToPos(to, "x", true)];
      const width = Math.max(SPAN_WIDTH_MIN * devicePixelRatio, right - left);
      ctx.fillStyle = `color-mix(in oklab, ${colour("--warn")} 18%, transparent)`;
      ctx.fillRect(left, bbox.top, width, bbox.height);
      if (usualLow === null || usualHigh === null) continue;
      const [top, bottom] = [plot.valToPos(usualHigh, "y", true), plot.valToPos(usualLow, "y", true)];
      ctx.fillStyle = `color-mix(in oklab, ${colour("--series-8")} 26%, transparent)`;
      ctx.fillRect(left, top, width, Math.max(1, bottom - top));
    }
  });
}

/** The bands that go on from the lines, and the peaks of what stood out; above the lines. */
export function drawAhead(
  plot: uPlot,
  bands: readonly LineBand[],
  spans: readonly AnomalySpan[],
  colour: (name: string) => string,
): void {
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  inPlot(plot, () => {
    for (const { line, band } of bands) {
      const stroke = colour(colourName(line));
      const at = (values: readonly (number | null)[]) =>
        values.flatMap((value, index) =>
          value === null
            ? []
            : [[plot.valToPos(band.from + index * band.stepMs, "x", true), plot.valToPos(value, "y", true)] as const],
        );
      const outline = [...at(band.upper), ...at(band.lower).reverse()];
      ctx.fillStyle = `color-mix(in oklab, ${stroke} 16%, transparent)`;
      trace(ctx, outline);
      ctx.fill();
      ctx.strokeStyle = stroke;
      ctx.lineWidth = 1.25 * ratio;
      ctx.setLineDash([4 * ratio, 3 * ratio]);
      trace(ctx, at(band.middle));
      ctx.stroke();
    }
    ctx.setLineDash([]);
    ctx.fillStyle = colour("--warn");
    ctx.strokeStyle = colour("--surface");
    ctx.lineWidth = 1.5 * ratio;
    for (const { peakAt, value } of spans) {
      const radius = PEAK_RADIUS * ratio;
      // At the very top half of it would be cut off.
      const y = Math.max(plot.bbox.top + radius + ratio, plot.valToPos(value, "y", true));
      ctx.beginPath();
      ctx.arc(plot.valToPos(peakAt, "x", true), y, radius, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
  });
}

function trace(ctx: CanvasRenderingContext2D, points: readonly (readonly [number, number])[]): void {
  ctx.beginPath();
  points.forEach(([x, y], index) => (index === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)));
}

function inPlot({ ctx, bbox }: uPlot, draw: () => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}
