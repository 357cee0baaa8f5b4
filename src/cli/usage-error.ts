import type { CommanderError } from 'commander';
import type { Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import { type Flag, NOT_OURS } from './flags.ts';

/** What commander refused, in the words and look of every other error. */
export function usageError(
  command: string,
  error: CommanderError,
  rest: readonly string[],
  flags: readonly Flag[],
): Diagnostic {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const help = `dql ${command} --help lists its flags`;
  const say = (code: string, text: string, hint: string): Diagnostic => ({
    code: `cli/${code}`,
    severity: 'error',
    message: text,
    hint,
  });
  switch (error.code) {
    case 'commander.unknownOption': {
      const flag = /'([^']+)'/.exec(message)?.[1] ?? '';
      const known = flags
        .filter(({ help: shown }) => shown !== '')
        .flatMap(({ spelling }) => spelling.match(/--[a-z-]+/g) ?? []);
      return say(
        'unknown-flag',
        `\`dql ${command}\` has no flag \`${flag}\``,
        NOT_OURS[flag] ?? didYouMean(flag, known) ?? help,
      );
    }
    case 'commander.excessArguments': {
      const words = rest.filter((word) => !word.startsWith('-'));
      return say(
        'too-many-arguments',
        `\`dql ${command}\` takes no argument \`${words[0] ?? ''}\``,
        flags.some(({ spelling }) => spelling.includes('--select'))
          ? `to choose nodes: dql ${command} --select ${words.join(' ')}`
          : help,
      );
    }
    case 'commander.missingArgument':
      return say(
        'missing-argument',
        `\`dql ${command}\` needs ${/'([^']+)'/.exec(message)?.[1] ?? 'an argument'}`,
        help,
      );
    default:
      return say('bad-flag', message, suggestion ? suggestion.replace(/[()]/g, '') : help);
  }
}
