import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskSecrets, secretsIn } from './secrets.ts';

test('a secret inside another leaves no rest', () => {
  expect(maskSecrets('hunter2000 and hunter2', ['hunter2', 'hunter2000'])).toBe('***** and *****');
});

test('a blank secret masks nothing', () => {
  expect(maskSecrets('a b', ['', ' '])).toBe('a b');
});

test('variables that say they are secret are found, others are not', () => {
  expect(
    secretsIn({ DBT_ENV_SECRET_TOKEN: 'a', DQL_SECRET_KEY: 'b', DBT_TARGET: 'prod', DBT_ENV_SECRET_EMPTY: '' }),
  ).toEqual(['a', 'b']);
});

test('no secret survives, however it was escaped', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), fc.string(), (secret, around) => {
      fc.pre(secret.trim() !== '' && !'*****'.includes(secret) && !around.includes(secret));
      for (const spelling of [secret, JSON.stringify(secret)]) {
        const masked = maskSecrets(`${around}${spelling}${around}`, [secret]);
        expect(masked).toContain('*****');
      }
    }),
  );
});
