import { FieldProblem, type Problem } from './parts.js';
import { useTexts } from './text.js';

interface NoLimitProps {
  readonly isAccepted: boolean;
  readonly warning?: 'spending.noneWarning' | 'settings.limitNoneWarning';
  readonly problems: readonly Problem[];
}

/** A warning and a checkbox for owners who want no spending limit. Shown only while the form has no such limit. */
export function NoLimit({ isAccepted, warning = 'spending.noneWarning', problems }: NoLimitProps) {
  const texts = useTexts();
  const describedBy = ['no-limit-warning', 'accept_no_limit-problem'];
  const isWrong = problems.some(({ field }) => field === 'accept_no_limit');
  return (
    <div class="no-limit">
      <p id="no-limit-warning" class="warning">
        {texts(warning)}
      </p>
      <label>
        <input
          id="accept_no_limit"
          type="checkbox"
          name="accept_no_limit"
          value="yes"
          checked={isAccepted}
          aria-invalid={isWrong ? 'true' : undefined}
          aria-describedby={describedBy.slice(0, isWrong ? 2 : 1).join(' ')}
        />
        {texts('spending.acceptNone')}
      </label>
      <FieldProblem problems={problems} field="accept_no_limit" />
    </div>
  );
}
