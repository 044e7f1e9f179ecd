import type { Attributes } from '@opentelemetry/api';
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

class Reader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/** A meter provider whose metrics a test reads. */
export function createMeter() {
  const reader = new Reader();
  const meterProvider = new MeterProvider({ readers: [reader] });

  const pointsOf = async (name: string): Promise<DataPoint<number | { count: number; sum?: number }>[]> => {
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return all
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => [...dataPoints]);
  };
  const isWith = (attributes: Attributes, wanted: Attributes) =>
    Object.entries(wanted).every(([name, value]) => attributes[name] === value);

  return {
    meterProvider,
    /** The value of a counter or gauge, or how often a histogram was recorded, over all points with these attributes. */
    async read(name: string, attributes: Attributes = {}): Promise<number> {
      const points = (await pointsOf(name)).filter((point) => isWith(point.attributes, attributes));
      return points.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0);
    },
    /** The sum of what a histogram recorded. */
    async sum(name: string, attributes: Attributes = {}): Promise<number> {
      const points = (await pointsOf(name)).filter((point) => isWith(point.attributes, attributes));
      return points.reduce((sum, { value }) => sum + (typeof value === 'number' ? 0 : (value.sum ?? 0)), 0);
    },
    /** The attributes with which a metric was recorded. */
    attributesOf: async (name: string) => (await pointsOf(name)).map(({ attributes }) => attributes),
    /** Every metric, as it is exported. */
    async all() {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    },
  };
}
