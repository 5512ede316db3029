/** A question as plain words: lower case, without punctuation, with a slip of one letter put right where a word is known. */

/** What questions are made of: what a shape or a time looks for, and what means nothing by itself. A slip is put right towards these. */
const KNOWN = new Set(
  `a about break breaks weekend weekends turn turned switch switched downsize downsized shrink overloaded overload delete remove shut kill create
  install execute onwards onward please resize above after against ago   all allowance almost alarm alarms alert alerts alive alright am among an and annual
  anomalies anomaly any anything april are around as asleep at august availability available average away back bad bandwidth be because
  become becoming been before   behave being below best better between beyond big bigger biggest bill bills bottom box boxes
  broke broken budget busier busiest busy but by calm can capacity case cause caused causes cert certificate certificates certs change
  changed changes changing cheap cheaper cheapest check checks cloud clouds coming compare compared comparison compute correlate
  correlated correlates correlation correlations cost costing costs could count cpu cpus critical cycle daily day days dead december
  degraded deploy deployed did die died differ difference different disc discs disk disks do does doing  done down download
  downloads downtime drive drives drop dropped due during each egress eight else emptiest end ended enough  error errors
  especially euro euros even evening ever every everybody everyone everything exceed exhaust exhausted expect expected expensive expire
  expired expires expiring explain fail failed failing failure failures fall far fast faster fastest february fell few filesystem
  filesystems fill filled filling fills find fine finish first five fleet for forecast forecasts four free friday from full fuller fullest
  get gets getting give go goes going gone good got great group grow growing grown growth had half happen happened happens happening 
   hardly has have healthy health heaviest help here high higher highest host hosts hottest hour hourly hours how hungriest hungry i
  idle idling if important in inbound incident incidents incoming increase increased inode inodes ingress input insight insights instance
  instances into inventory io iops is issue issues it its january july june just keep know large larger largest last lasted lately latency
  later latest lead leads least led left less let like likely list little live load loaded loads long longest look low lower lowest
  machine machines main make many march max maximum may me mean mem memory midnight might min minimum minute minutes missing moment
  monday money month monthly months more morning most mostly move moved moves much must my near nearly need needed needing needs network
  never new newest next night nine no node nodes none noon normal not nothing november now number numbers october odd of off offline often
  ok okay old oldest on once one ones online only open or order os other our out outage outages outbound outgoing outgrow over overall
  overnight oversized own past pattern patterns pay paying peak peaks per performance period plan plans please possible predict predicted
  prediction predictions previous price prices problem problems processor processors  provider providers quarter quarterly
  quickest quiet quota ram rank ranking rather reachable read readings really reason reboot rebooted recent recently received recurring
  region regions related reliable reliability renew renewed renewal   resolved respond responding response responses
  restart restarted right rising run running runs same saturday save saved saving savings say second seconds see seem seems send sends
  sent september server servers   seven several shall she should show sick silent similar since site sites situation six
  size  slow slower slowest small smaller smallest so some somebody something soon sort space spare spend spending spent spike
  spikes split ssl start started  state states statistics status still stopped storage storages strange  such suddenly
  summary sunday system systems tag tagged tags tell ten than thanks that the their them then there these they thing things think this
  those three through throughput thursday time times tls to today together tomorrow tonight too took top total traffic transfer
  transferred transmit trend trouble troubles tuesday two typical under underused unhealthy unreachable unreliable until unused unusual up
  upgrade upload uploads uptime us usage use used user users uses using usual usually utilisation utilization versus very virtual volume
  volumes vs want was waste wasted wasting way we wednesday week weekly weeks weird well went were what when where whether which while who
  whole whose why will with within without working works worse worst would write wrong year yearly years yesterday you your zero`.split(
    /\s+/,
  ),
);

export function isKnownWord(word: string): boolean {
  return KNOWN.has(word) || (word.endsWith("s") && KNOWN.has(word.slice(0, -1)));
}

/** In lower case, with plain quotes and dashes: what names are looked for in. */
export function plainText(question: string): string {
  return question
    .normalize("NFC")
    .toLowerCase()
    .replace(/[‘’ʼ´`]/gu, "'")
    .replace(/[“”„«»]/gu, '"')
    .replace(/[‐‑–—]/gu, "-");
}

/** Its words; a dash, a point, a colon or a slash belongs to the word that it stands within. */
export function wordsOf(text: string): string[] {
  return text
    .replace(/'s\b/gu, " ")
    .split(/[^\p{L}\p{N}.:/%_-]+/u)
    .map((word) => word.replace(/^[.:/_-]+|[.:/_-]+$/gu, ""))
    .filter((word) => word !== "");
}

/** Words with slips put right, as one text with single spaces. */
export function putRight(words: readonly string[]): string {
  const right = new Map([...new Set(words)].map((word) => [word, corrected(word)]));
  return words.map((word) => right.get(word)!).join(" ");
}

/** The known word that this is, or that it is one slip from; itself where it is neither. */
export function corrected(word: string): string {
  if (isKnownWord(word) || word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  let best = word;
  let bestRank = Infinity;
  for (const known of KNOWN) {
    const rank = slipRank(word, known);
    if (rank < bestRank) [best, bestRank] = [known, rank];
  }
  return best;
}

/** How far apart two words are as slips go: letters swapped, one wrong, one missing, one too many; infinite beyond one slip. */
function slipRank(word: string, known: string): number {
  // Of short words too many are one letter apart.
  if (known.length < 4 || (known.length < 6 && word[0] !== known[0])) return Infinity;
  if (Math.abs(word.length - known.length) > 1) return Infinity;
  let start = 0;
  while (start < word.length && start < known.length && word[start] === known[start]) start++;
  const rest = (text: string, from: number) => text.slice(from);
  if (word.length === known.length) {
    const isSwapped = word[start] === known[start + 1] && word[start + 1] === known[start];
    if (isSwapped && rest(word, start + 2) === rest(known, start + 2)) return 0;
    return rest(word, start + 1) === rest(known, start + 1) ? 1 : Infinity;
  }
  if (word.length < known.length) return rest(word, start) === rest(known, start + 1) ? 2 : Infinity;
  return rest(word, start + 1) === rest(known, start) ? 3 : Infinity;
}

/** Whether two names are one letter apart. A digit is no slip: `web-1` and `web-2` are two instances. */
export function isOneLetterOff(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  const isLetter = (text: string, at: number) => /\p{L}/u.test(text[at] ?? "");
  const tail = (text: string, from: number) => text.slice(from);
  if (a.length === b.length) {
    const isOne = isLetter(a, start) && isLetter(b, start);
    if (isOne && tail(a, start + 1) === tail(b, start + 1)) return true;
    const isSwap = a[start] === b[start + 1] && a[start + 1] === b[start] && isOne && isLetter(a, start + 1);
    return isSwap && tail(a, start + 2) === tail(b, start + 2);
  }
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return isLetter(long, start) && tail(short, start) === tail(long, start + 1);
}
