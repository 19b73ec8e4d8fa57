'use strict';
/* Two runs side by side: of each plugin whose points the page has, its values then and now, and how large the change is among its
 * changes from run to run. "#from=KEY&to=KEY&metric=TITLE" opens it. */
(() => {
  const { all, unpack, amount, change, timeOf, day, html, given, address, short } = Tidemark;
  const sections = [...document.querySelectorAll('section.plugin')].filter(one => one.querySelector('.chart script'));
  const last = all.runs.length - 1;
  if (sections.length === 0 || last < 1) return;

  /* ---- what is known ---- */

  const lineOf = section => {
    const { panels } = JSON.parse(section.querySelector('.chart script').textContent);
    const values = new Map(panels.flatMap(panel => panel.metrics.map((metric, i) => [metric, unpack(panel.lines[i])])));
    return { name: section.querySelector('h3 bdi').textContent, href: `#${section.id}`, values };
  };
  let known;
  const lines = () => known ??= sections.map(lineOf);

  /* Which part of the changes from one value to the next is smaller. */
  const partBelow = (values, size) => {
    const there = values.filter(value => value === value), changes = there.slice(1).map((value, i) => Math.abs(value - there[i]));
    return changes.filter(one => one < size * (1 - 1e-9)).length / changes.length;
  };

  const compared = ({ from, to, metric }) => {
    const rows = lines().filter(line => line.values.has(metric)).map(line => {
      const values = line.values.get(metric), before = values[from], now = values[to];
      const step = now - before, both = step === step, ratio = Math.abs(Math.log(now / before));
      return { ...line, before, now, both, size: both ? Number.isNaN(ratio) ? 0 : ratio : -1, below: both ? partBelow(values, Math.abs(step)) : NaN };
    }).filter(row => row.before === row.before || row.now === row.now);
    return rows.sort((a, b) => b.size - a.size);
  };

  /* ---- what is seen ---- */

  const section = html('section'), nights = document.getElementById('nights');
  section.id = 'two';
  section.setAttribute('aria-labelledby', 'two-title');
  html('h2', '', 'Two runs, side by side', section).id = 'two-title';
  const form = html('form', 'tools', undefined, section);
  const choice = (label, texts) => {
    const select = html('select', '', undefined, html('label', '', `${label} `, form));
    for (const [value, text] of texts) html('option', '', text, select).value = value;
    select.name = label.toLowerCase();
    return select;
  };
  const runName = run => {
    const [key] = all.runs[run], date = day(timeOf(run));
    return key.startsWith(date) ? key : `${date} (${key})`;
  };
  const runs = all.runs.map((_, run) => [run, runName(run)]).reverse();
  /* Not by parsing: the page is to be usable before anybody asks for two runs. */
  const metricsOf = section => [...section.querySelector('.chart script').textContent.matchAll(/"metrics":\[([\d,]*)\]/g)].flatMap(([, list]) => list.split(',').map(Number));
  const drawn = [...new Set(sections.flatMap(metricsOf))].sort((a, b) => a - b);
  const choices = { from: choice('From', runs), to: choice('To', runs), metric: choice('Metric', drawn.map(metric => [metric, all.metrics[metric][0]])) };
  html('p', '', 'As drawn in the charts. “Smaller changes”: the share of a plugin’s changes from run to run that are smaller than this one.', section);
  const commits = html('p', 'commits', undefined, section);
  const around = html('div', 'wide', undefined, section), table = html('table', 'two', undefined, around);
  around.tabIndex = 0;
  around.setAttribute('role', 'region');
  around.setAttribute('aria-label', 'Table of two runs');
  nights.before(section);
  const entry = html('a', '', 'Two runs');
  entry.href = '#two';
  document.querySelector('nav [href="#nights"]').before(entry, ' ');

  const chosen = () => Object.fromEntries(Object.entries(choices).map(([key, select]) => [key, +select.value]));

  const tellCommits = ({ from, to }) => {
    const [before, now] = [from, to].map(run => all.runs[run][2]);
    commits.replaceChildren();
    commits.hidden = !before || !now || before === now;
    if (commits.hidden) return;
    commits.append('Commits ');
    const link = all.compare ? html('a', '', undefined, commits) : commits;
    if (all.compare) link.href = address(all.compare, before, now);
    html('code', '', `${short(before)}..${short(now)}`, link);
  };

  const row = (body, metric, { name, href, before, now, both, below }) => {
    const line = html('tr', '', undefined, body), head = html('th', '', undefined, line), link = html('a', '', undefined, head);
    head.scope = 'row';
    link.href = href;
    html('bdi', '', name, link);
    html('td', '', before === before ? amount(metric, before, both ? now : 0) : 'none', line);
    html('td', '', now === now ? amount(metric, now, both ? before : 0) : 'none', line);
    html('td', '', both ? change(metric, now, before) : '', line);
    html('td', '', both ? `${Math.floor(100 * below)} %` : '', line);
  };

  const show = () => {
    const state = chosen(), rows = compared(state);
    table.replaceChildren();
    html('caption', '', `${rows.length} of ${document.querySelectorAll('#all tbody tr').length} plugins: those whose points the page has, the largest change first.`, table);
    const heads = html('tr', '', undefined, html('thead', '', undefined, table));
    for (const text of ['Plugin', runName(state.from), runName(state.to), 'Change', 'Smaller changes']) html('th', '', text, heads).scope = 'col';
    const body = html('tbody', '', undefined, table);
    for (const one of rows) row(body, state.metric, one);
    tellCommits(state);
  };

  /* ---- when ---- */

  const open = () => {
    const parts = given();
    if (!parts.has('from') || !parts.has('to')) return;
    const [from, to] = ['from', 'to'].map(key => all.runs.findIndex(one => one[0] === parts.get(key)));
    const metric = drawn.find(one => all.metrics[one][0] === parts.get('metric')) ?? drawn[0];
    if (from < 0 || to < 0) return;
    for (const [key, value] of Object.entries({ from, to, metric })) choices[key].value = value;
    show();
    section.scrollIntoView();
  };
  form.addEventListener('submit', event => event.preventDefault());
  form.addEventListener('change', () => {
    const { from, to, metric } = chosen();
    history.replaceState(null, '', `#from=${encodeURIComponent(all.runs[from][0])}&to=${encodeURIComponent(all.runs[to][0])}&metric=${encodeURIComponent(all.metrics[metric][0])}`);
    show();
  });
  for (const [key, value] of Object.entries({ from: last - 1, to: last, metric: drawn[0] })) choices[key].value = value;
  const watcher = new IntersectionObserver(entries => {
    if (!entries.some(one => one.isIntersecting)) return;
    watcher.disconnect();
    if (!table.tHead) show();
  }, { rootMargin: '300px' });
  watcher.observe(section);
  addEventListener('hashchange', open);
  open();
})();
