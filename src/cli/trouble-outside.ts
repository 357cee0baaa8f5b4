import type { Diagnostic } from '../core/diagnostic.ts';
import { EngineError, HOW_TO_MAKE_ROOM } from '../core/engine-error.ts';

/** A disk that is full, a file or folder that may not be written, a warehouse that cannot be read: nobody's bug, and what to do about it. */
export function troubleOutside(error: unknown): Diagnostic | undefined {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  const told = (code: string, hint: string): Diagnostic => ({ code, severity: 'error', message, hint });
  if (error instanceof EngineError) {
    if (error.kind === 'full') return told('run/full', `${HOW_TO_MAKE_ROOM}; what is published stays as it was`);
    if (error.kind === 'locked') return told('run/locked', 'wait for the other program, or end it, then try again');
    if (/read-only|permission denied/i.test(message))
      return told('run/read-only', 'make the file and its folder writable for you, then try again');
    return error.kind === 'transient'
      ? told('run/transient', 'look at the file or server it names, then try again; what is published stays as it was')
      : undefined;
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return told('disk/full', 'free some space on that disk, then try again');
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return told(
      'disk/not-allowed',
      'make the file and its folder writable for you, or choose another with --target-path',
    );
  return undefined;
}
