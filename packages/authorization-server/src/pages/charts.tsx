/** One bar of a chart. */
interface Bar {
  readonly key: string;
  /** The height of this bar is proportional to `value`: see `measure`. */
  readonly value: bigint;
}

interface ColumnChartProps {
  readonly bars: readonly Bar[];
  /** What the chart shows, for people who cannot see it. */
  readonly title: string;
}

/** The height of a chart and the width of a meter, in units of their own coordinates. */
const scale = 1_000n;
const gap = 0.2;

/** Columns side by side. The chart is as wide as the page; its labels are outside, so that they are not stretched. */
export function ColumnChart({ bars, title }: ColumnChartProps) {
  const largest = largestOf(bars);
  return (
    <svg class="chart" viewBox={`0 0 ${bars.length} ${scale}`} preserveAspectRatio="none" role="img" aria-label={title}>
      {bars.map(({ key, value }, index) => {
        const height = measure(value, largest);
        return <rect key={key} x={index + gap / 2} width={1 - gap} y={Number(scale) - height} height={height} />;
      })}
    </svg>
  );
}

/** One horizontal bar. The text beside it says the same, so screen readers skip it. */
export function Meter({ value, largest }: { readonly value: bigint; readonly largest: bigint }) {
  return (
    <svg class="meter" viewBox={`0 0 ${scale} 1`} preserveAspectRatio="none" aria-hidden="true">
      <rect width={measure(value, largest)} height={1} />
    </svg>
  );
}

export function largestOf(bars: readonly { readonly value: bigint }[]): bigint {
  return bars.reduce((largest, { value }) => (value > largest ? value : largest), 0n);
}

/**
 * The length of a bar. The largest value has the length `scale`. A positive value has at least a hundredth of that, so
 * that it is visible. Corrections can make a sum negative; a negative sum is drawn as zero.
 */
function measure(value: bigint, largest: bigint): number {
  if (value <= 0n || largest <= 0n) return 0;
  const measured = (value * scale) / largest;
  return Number(measured > 10n ? measured : 10n);
}
