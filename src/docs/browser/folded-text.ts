import type { Html } from '../site-data.ts';
import { h, withHtml } from './element.ts';

/** Characters that are shown as they are; what is much longer would push everything else off the screen. */
const SHORT = { lead: 1200, cell: 400 };

/** A description. A long one shows its beginning, and the rest when it is asked for, tabbed into or found by the browser's own search. */
export function descriptionText(html: Html, place: keyof typeof SHORT): HTMLElement {
  const text = withHtml(place === 'lead' ? 'div.lead.prose' : 'div.prose', html);
  if ((text.textContent ?? '').length <= SHORT[place] * 1.25) return text;
  const button = h('button.unfold', { type: 'button', 'aria-expanded': 'false', onclick: () => fold(!isFolded()) });
  const isFolded = () => text.classList.contains('folded');
  const fold = (folded: boolean) => {
    text.classList.toggle('folded', folded);
    if (folded) text.scrollTop = 0;
    button.textContent = folded ? 'Show all' : 'Show less';
    button.setAttribute('aria-expanded', String(!folded));
  };
  const reveal = () => {
    if (isFolded() && text.scrollTop > 0) fold(false);
  };
  text.addEventListener('focusin', () => isFolded() && fold(false));
  text.addEventListener('scroll', reveal);
  fold(true);
  return h('div', null, text, button);
}
