// Has to be loaded before everything that reads the clock: from then on `Date` tells the time it was given last.
const RealDate = Date;
let now;

export function setClock(ms) {
  now = ms;
}

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [globalThis.Date.now()] : given));
  }

  static now() {
    return now ?? RealDate.now();
  }
};
