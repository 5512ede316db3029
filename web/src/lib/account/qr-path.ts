/** The dark squares of a code as one SVG path, a run of neighbours drawn as one. One square is one unit. */
export function qrPath(dark: readonly (readonly boolean[])[]): string {
  let path = "";
  for (const [y, row] of dark.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x += 1;
      path += `M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`;
    }
  }
  return path;
}
