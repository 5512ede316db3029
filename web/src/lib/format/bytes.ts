// Sizes are binary, as memory and disks are sold and formatted; rates are decimal, as networks and drives are rated.
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const DECIMAL = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s", "PB/s"];

export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, BINARY);
}

export function formatByteRate(bytesPerSecond: number): string {
  return scaled(bytesPerSecond, 1000, DECIMAL);
}

function scaled(value: number, base: number, units: string[]): string {
  let size = Math.abs(value);
  let step = 0;
  // 999.95 would be printed as 1000: it belongs to the next unit already.
  while (step < units.length - 1 && size >= base - (step === 0 ? 0.5 : 0.05)) {
    size /= base;
    step += 1;
  }
  return `${value < 0 ? "-" : ""}${step === 0 ? Math.round(size) : threeDigits(size)} ${units[step]}`;
}

/** Three significant digits, without zeros that say nothing: 1.5, 23.4, 940. */
export function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toString();
  return Number(value.toFixed(size >= 10 ? 1 : 2)).toString();
}
