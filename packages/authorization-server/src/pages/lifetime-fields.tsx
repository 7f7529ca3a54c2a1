import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';
import { useTexts } from './text.js';

interface LifetimeFieldsProps {
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly fields: ChosenExpiry;
  readonly problems: readonly Problem[];
}

export function LifetimeFields({ lifetimes, days, fields, problems }: LifetimeFieldsProps) {
  const texts = useTexts();
  const { firstDay, lastDay, timeZone } = days;
  const hasDays = lastDay >= firstDay;
  return (
    <fieldset class="lifetime" id="lifetime">
      <legend>{texts('limits.accessEnds')}</legend>
      <FieldProblem problems={problems} field="lifetime" />
      <input type="hidden" name="shown_expires_in" value={fields.expiresIn} />
      <input type="hidden" name="shown_expires_on" value={fields.expiresOn} />
      <div class="chips">
        {lifetimes.map(({ value, text }) => (
          <label key={value} class="chip">
            <input type="radio" name="expires_in" value={value} checked={fields.expiresIn === value} required />
            {text}
          </label>
        ))}
        {hasDays && (
          <label class="chip">
            <input type="radio" name="expires_in" value="date" checked={fields.expiresIn === 'date'} required />
            {texts('limits.onDate')}
          </label>
        )}
      </div>
      {hasDays && (
        <div class="until-date">
          <label for="expires_on">{texts('limits.date', { timeZone })}</label>
          <input
            id="expires_on"
            name="expires_on"
            type="date"
            min={firstDay}
            max={lastDay}
            value={fields.expiresOn}
            {...invalidity(problems, 'expires_on')}
          />
        </div>
      )}
      <FieldProblem problems={problems} field="expires_on" />
    </fieldset>
  );
}
