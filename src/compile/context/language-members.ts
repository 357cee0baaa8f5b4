import { builtins, type Value } from '../../jinja/jinja.ts';

/** Names the template language brings itself: modules, fromjson, return … */
export const languageMember = (name: string): Value | undefined => builtins.get(name);

export const languageMembers = (): Iterable<string> => builtins.keys();
