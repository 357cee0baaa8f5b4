import { expect, test } from 'vitest';
import type { RunEvent } from './results.ts';
import { tryAgain } from './try-again.ts';

/** An attempt that succeeds at the nth try, and what was said meanwhile. */
async function trying(
  succeedsAt: number,
  retries: number,
  delaySeconds: number,
  signal = new AbortController().signal,
) {
  const said: RunEvent[] = [];
  let tries = 0;
  const attempt = async () => (++tries < succeedsAt ? 'HTTP Error: 503\nhttps://…' : 'OK');
  const ended = await tryAgain(
    { emit: (event) => said.push(event), signal },
    { retries, delaySeconds },
    attempt,
    (why) => (why === 'OK' ? undefined : { node: 'model.shop.orders', what: '`orders`', why }),
  );
  return { ...ended, tries, said: said.map((event) => event.type === 'log' && event.message) };
}

test('each repetition is told before the pause, which doubles', async () => {
  expect(await trying(3, 5, 0.001)).toEqual({
    outcome: 'OK',
    attempts: 3,
    tries: 3,
    said: [
      'trying `orders` again in 0.001s (2 of 6): HTTP Error: 503',
      'trying `orders` again in 0.002s (3 of 6): HTTP Error: 503',
    ],
  });
});

test('what fails each time ends after its retries, what succeeds is not repeated', async () => {
  expect(await trying(9, 2, 0)).toMatchObject({ outcome: 'HTTP Error: 503\nhttps://…', attempts: 3 });
  expect(await trying(1, 2, 0)).toMatchObject({ outcome: 'OK', attempts: 1, said: [] });
  expect(await trying(2, 0, 0)).toMatchObject({ attempts: 1, said: [] });
});

test('Ctrl-C ends the pause, and nothing is tried after it', async () => {
  const interrupt = new AbortController();
  setTimeout(() => interrupt.abort(), 20);
  expect(await trying(2, 5, 3600, interrupt.signal)).toMatchObject({ attempts: 1, tries: 1 });
});
