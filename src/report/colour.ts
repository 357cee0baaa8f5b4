// The one file that knows the colour library. picocolors' own decision ignores FORCE_COLOR=0 and looks at stdout only, so ours is handed in.
import picocolors from 'picocolors';

export type Paint = Pick<
  ReturnType<typeof picocolors.createColors>,
  'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'dim' | 'bold'
>;

export const paint = (enabled: boolean): Paint => picocolors.createColors(enabled);
