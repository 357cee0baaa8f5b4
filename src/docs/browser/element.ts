/** Elements from values. Text stays text; `html` takes only what the generator made safe. */
import type { Html } from '../site-data.ts';

type Child = Node | string | number | null | undefined | false | readonly Child[];

type Props = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>;

/** `h('a.name', { href, onclick }, 'text')`: classes behind dots, listeners as `on…`, everything else an attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props?: Props | null,
  ...children: Child[]
): HTMLElementTagNameMap[K];
export function h(tag: string, props?: Props | null, ...children: Child[]): HTMLElement;
export function h(tag: string, props?: Props | null, ...children: Child[]): HTMLElement {
  const [name = 'div', ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(props ?? {})) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

export function append(parent: Element | DocumentFragment, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.append(child instanceof Node ? child : String(child));
  }
}

/** An element with HTML inside, which must come from the generator or be made of escaped text. */
export function withHtml(tag: string, html: Html): HTMLElement {
  const element = h(tag);
  element.innerHTML = html;
  return element;
}

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** One of our own line icons, 16 by 16. */
export function icon(name: keyof typeof ICONS): HTMLElement {
  const holder = h('span.icon', { 'aria-hidden': 'true' });
  holder.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">${ICONS[name]}</svg>`;
  return holder;
}

const ICONS = {
  search: '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
  graph:
    '<rect x="1.5" y="6" width="4" height="4" rx="1"/><rect x="10.5" y="1.5" width="4" height="4" rx="1"/><rect x="10.5" y="10.5" width="4" height="4" rx="1"/><path d="M5.5 8h2.5v-4.5h2.5M8 8v4.5h2.5"/>',
  theme: '<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" stroke="none"/>',
  menu: '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
  link: '<path d="M6.5 9.5a2.5 2.5 0 0 0 3.6 0l2.2-2.2a2.55 2.55 0 0 0-3.6-3.6l-.7.7M9.5 6.5a2.5 2.5 0 0 0-3.6 0L3.7 8.7a2.55 2.55 0 0 0 3.6 3.6l.7-.7"/>',
  copy: '<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>',
  close: '<path d="m4 4 8 8M12 4l-8 8"/>',
  right: '<path d="m6 3.5 4.5 4.5L6 12.5"/>',
  fit: '<path d="M2.5 6v-3.5h3.5M13.5 6v-3.5h-3.5M2.5 10v3.5h3.5M13.5 10v3.5h-3.5"/>',
  plus: '<path d="M8 3v10M3 8h10"/>',
  minus: '<path d="M3 8h10"/>',
  save: '<path d="M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11"/>',
  home: '<path d="M2.5 7.5 8 2.5l5.5 5v6h-3.75V10h-3.5v3.5H2.5z"/>',
  book: '<path d="M2.5 3h3.5a2 2 0 0 1 2 2v8.5a1.5 1.5 0 0 0-1.5-1.5h-4zM13.5 3h-3.5a2 2 0 0 0-2 2v8.5a1.5 1.5 0 0 1 1.5-1.5h4z"/>',
} as const;
