/** dql as a real process, with a use case that never ends by itself and a list longer than any pipe. For cli/process-world.test.ts. */
import { main } from '../cli/main.ts';
import { drained, processWorld } from '../cli/process-world.ts';
import { answersWith } from './fake-world.ts';
import { nodeResult, runResults } from './recorded-run.ts';

const long = Array.from({ length: 100_000 }, (_, index) => ({
  unique_id: `model.shop.orders_${index}`,
  selector: `shop.orders_${index}`,
  name: `orders_${index}`,
  path: 'models/orders.sql',
  node: {},
}));
const answers = answersWith({
  ls: { rows: long, warnings: [] },
  build: runResults([nodeResult('model.shop.orders', 'success')], { interrupted: true, exit_code: 130 }),
});

const code = await main(process.argv.slice(2), {
  ...processWorld(),
  useCase: async (name) => async (options, hooks) => {
    if (name !== 'build') return answers[name];
    process.stderr.write('started\n');
    // A statement in native code that does not listen, as `--adopt` pretends here, or one that does.
    const busy = setInterval(() => {}, 1000);
    await new Promise<void>((resolve) => {
      if (!options.adopt) hooks.signal.addEventListener('abort', () => resolve());
    });
    clearInterval(busy);
    return answers[name];
  },
});
await Promise.all([drained(process.stdout), drained(process.stderr)]);
process.exit(code);
