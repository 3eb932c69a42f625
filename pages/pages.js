// pages: all of them: where, in which file, and what the bar beside calls it. To add one: a file and
// a row. `under`: which row of the bar it belongs to; `needs`: the grant without which it shows nothing.
export const pages = [
  { path: '/', file: 'today', nav: 'Today' },
  { path: '/pillars', file: 'pillars', nav: 'Pillars', needs: 'standard.read' },
  { path: '/standard/:id', file: 'standard', under: 'Pillars' },
  { path: '/changes', file: 'changes', under: 'Pillars' },
  { path: '/findings', file: 'findings', under: 'Pillars' },
  { path: '/finding/:id', file: 'finding', under: 'Pillars' },
  { path: '/waivers', file: 'waivers', nav: 'Waivers', needs: 'waiver.read' },
  { path: '/work', file: 'work', nav: 'Work', needs: 'finding.read' },
  { path: '/item/:id', file: 'item', under: 'Work' },
  { path: '/cases', file: 'cases', nav: 'Cases', needs: 'case.read' },
  { path: '/case/:id', file: 'case', under: 'Cases' },
  { path: '/numbers', file: 'numbers', nav: 'Numbers', needs: 'metric.read' },
  { path: '/number/:id', file: 'number', under: 'Numbers' },
  { path: '/estate', file: 'estate', nav: 'Estate', needs: 'estate.read' },
  { path: '/kind/:id', file: 'kind', under: 'Estate' },
  { path: '/asset/:id', file: 'asset', under: 'Estate' },
  { path: '/owner/:id', file: 'owner', under: 'Estate' },
  { path: '/domain/:id', file: 'domain', under: 'Estate' },
  { path: '/lives', file: 'lives', nav: 'Life cycles', needs: 'life.read' },
  { path: '/life/:id', file: 'life', under: 'Life cycles' },
  { path: '/gates', file: 'gates', nav: 'Gates', needs: 'gate.read' },
  { path: '/reviews', file: 'reviews', nav: 'Reviews', needs: 'review.read' },
  { path: '/review/:id', file: 'review', under: 'Reviews' },
  { path: '/events', file: 'events', nav: 'Events', needs: 'event.read' },
  { path: '/governance', file: 'governance', nav: 'Governance', needs: 'obligation.read' },
  { path: '/report', file: 'report', nav: 'Report', needs: 'snapshot.read' },
];

// Whether who holds these grants may open it from the bar: a grant, all of an area, or all.
export const isOpen = (page, grants) => !page.needs || grants.some((one) => one === 'all' || one === page.needs || (one.endsWith('.*') && page.needs.startsWith(one.slice(0, -1))));
