import type { Diagnostic } from '../../core/diagnostic.ts';

/** `model.batch` is the one attribute that a model has only now and then: a missing one is told as that. */
export const toldOfBatch = (diagnostic: Diagnostic): Diagnostic =>
  diagnostic.code === 'jinja/undefined-attribute' && diagnostic.message.endsWith(' has no `batch`.')
    ? {
        ...diagnostic,
        message: '`model.batch` is there only while a batch of a microbatch model is built',
        hint: 'say what stands there at other times: `{% if model.batch %} … {% else %} … {% endif %}`',
      }
    : diagnostic;
