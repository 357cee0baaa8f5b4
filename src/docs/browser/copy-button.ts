import { h, icon } from './element.ts';

/** A button that copies a text and says that it did. */
export function copyButton(text: () => string): HTMLElement {
  const button = h('button.copy', {
    type: 'button',
    'aria-label': 'Copy',
    title: 'Copy',
    onclick: () => {
      void navigator.clipboard?.writeText(text()).then(() => {
        button.classList.add('done');
        setTimeout(() => button.classList.remove('done'), 1200);
      });
    },
  });
  button.append(icon('copy'));
  return button;
}
