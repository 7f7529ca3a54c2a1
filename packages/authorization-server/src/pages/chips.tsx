import type { ComponentChildren } from 'preact';

interface ChipsProps {
  readonly name: string;
  readonly choices: readonly { readonly value: string; readonly text: ComponentChildren }[];
  /** The chosen value; undefined: no value is chosen. */
  readonly chosen: string | undefined;
  readonly isRequired?: boolean;
}

/** Radio buttons, each in a frame. */
export function Chips({ name, choices, chosen, isRequired = false }: ChipsProps) {
  return (
    <div class="chips">
      {choices.map(({ value, text }) => (
        <label key={value} class="chip">
          <input type="radio" name={name} value={value} checked={value === chosen} required={isRequired} />
          {text}
        </label>
      ))}
    </div>
  );
}
