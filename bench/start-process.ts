import type { CreateClient } from './clients/client.ts';

// One client, from the import to the first event: prints both times in milliseconds.
const [name = '', url = '', token = ''] = process.argv.slice(2);
const begun = performance.now();
const { createClient }: { createClient: CreateClient } = await import(`./clients/${name}.js`);
const imported = performance.now() - begun;
createClient(url).listen(token, '0', () => {
  process.stdout.write(JSON.stringify({ imported, first: performance.now() }));
  process.exit();
});
