'use strict';
/* What the page's scripts share: its runs and metrics, and how numbers are read and written. */
const Tidemark = (() => {
  const all = JSON.parse(document.getElementById('runs').textContent), weeks = all.weeks.length;
  const clamp = (value, least, most) => Math.max(least, Math.min(value, most));

  /* ---- numbers ---- */

  /* report/page/packed.h says how they are written. */
  const unpack = ([steps, text]) => {
    const values = [];
    let at = 0, before = 0;
    const sign = () => {
      const code = text.charCodeAt(at++);
      return (code === 32 ? 60 : code === 33 ? 92 : code) - 35;
    };
    while (at < text.length) {
      let code = sign();
      if (code === 89 || code === 90) {
        for (let n = code === 89 ? 1 : sign() + 2; n > 0; n--) values.push(NaN);
        continue;
      }
      if (code === 88) {
        code = 0;
        for (let i = 0; i < 6; i++) code = code * 92 + sign();
      } else if (code >= 64) code = 64 + (code - 64) * 92 + sign();
      before += code % 2 ? -(code + 1) / 2 : code / 2;
      values.push(before / steps);
    }
    return values;
  };

  /* A true minus sign, none before nothing, and groups of three digits before the point where there are five. */
  const written = text => {
    const [, sign, whole, rest] = /^(-?)(\d*)(.*)$/.exec(text), groups = whole.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
    return `${sign ? '\u2212' : ''}${groups}${rest}`;
  };
  const fixed = (value, digits) => {
    const text = Math.abs(value).toFixed(digits);
    return `${value < 0 && /[1-9]/.test(text) ? '\u2212' : ''}${text}`;
  };

  /* The C way of %.4g where that has an exponent. */
  const exponential = value => {
    const [digits, power] = Number(value.toPrecision(4)).toExponential().split('e');
    return `${digits}e${power[0]}${power.slice(1).padStart(2, '0')}`;
  };

  /* As report/amount.c does, for what the page has beside tables that are made there: numbers must not read otherwise here. */
  const amount = (metric, value, beside = 0) => {
    const [, kind, own, ...units] = all.metrics[metric], ALMOST_NOTHING = 2e-9;
    const size = kind === 'ratio' && Math.abs(value) < ALMOST_NOTHING ? 0 : Math.abs(value), other = Math.abs(beside) >= ALMOST_NOTHING ? Math.abs(beside) : 0;
    const most = size > 0 && size < 0.01 * other ? size : Math.max(size, other);
    const [, factor, unit] = units.length > 1 && !(most > 0) ? [0, 1, own] : units.findLast(([from]) => most >= from) ?? units[0];
    const shown = size > 0 ? value * factor : 0, scale = most * factor;
    const isWhole = scale >= 1000 || Math.abs(shown - Math.round(shown)) <= 1e-9 * Math.abs(shown);
    let text = shown.toFixed(isWhole ? 0 : clamp(3 - Math.floor(Math.log10(scale)), 0, 100));
    if (kind === 'errors') text = (100 * value).toFixed(2);
    else if (!(Math.abs(shown) < 1e15) || (scale > 0 && scale < 1e-6)) text = shown === 0 ? '0' : exponential(shown);
    return `${written(text)}${unit ? ' ' : ''}${unit}`;
  };

  const isErrors = metric => all.metrics[metric][1] === 'errors';

  /* A share, a multiple, points of a percentage, or an amount: what says most of the two values. */
  const change = (metric, now, baseline) => {
    const ratio = now / baseline, sign = now > baseline ? '+' : '';
    if (isErrors(metric)) return `${sign}${fixed(100 * (now - baseline), Math.abs(now - baseline) < 0.1 ? 2 : 1)} points`;
    if (Number.isFinite(ratio) && ratio >= 10) return `\u00d7${written(ratio.toFixed(0))}`;
    if (Number.isFinite(ratio) && Math.abs(ratio) < 10) return `${sign}${fixed(100 * (now - baseline) / Math.abs(baseline), 1)} %`;
    return sign + amount(metric, now - baseline);
  };

  const timeOf = run => all.runs[run][1];
  const day = seconds => new Date(seconds * 1000).toISOString().slice(0, 10);
  const moment = seconds => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');

  /* ---- elements ---- */

  const svg = (name, attributes, parent) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent?.append(element);
    return element;
  };

  const html = (name, className, text, parent) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    parent?.append(element);
    return element;
  };

  /* What the page's address says behind '#', as KEY=VALUE&KEY=VALUE. */
  const decoded = text => {
    try { return decodeURIComponent(text); } catch { return text; }
  };
  const given = () => {
    const pairs = location.hash.slice(1).split('&').map(part => part.split(/=(.*)/s));
    return new Map(pairs.filter(pair => pair.length > 1).map(([key, value]) => [key, decoded(value)]));
  };

  const address = (link, ...commits) => link.replace(/%s/g, () => encodeURIComponent(commits.shift()));
  const short = commit => /^[0-9a-f]{11,}$/i.test(commit) ? commit.slice(0, 10) : commit;

  /* Multiples of 1, 2 or 5 times a power of ten. */
  const tics = (low, high, most) => {
    const power = 10 ** Math.floor(Math.log10((high - low) / most));
    const step = [1, 2, 5, 10].map(one => one * power).find(one => (high - low) / one <= most);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-12); i++) found.push([i * step, (i * step).toFixed(digits)]);
    return found;
  };

  return { all, weeks, clamp, unpack, amount, change, fixed, timeOf, day, moment, tics, html, svg, given, address, short };
})();
