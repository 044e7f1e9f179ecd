import { boxEventsMachine, createServices } from 'box-events';
import { createActor } from 'xstate';

// The same streams in one process, without Restate.
const { BOX_TOKEN = '', BOX_API_URL, USERS = '' } = process.env;

const services = createServices({ token: BOX_TOKEN, asUser: true, apiUrl: BOX_API_URL });
const machine = boxEventsMachine.provide({ actors: services });
for (const userId of USERS.split(',')) createActor(machine, { input: { userId } }).start();
process.stdout.write('ready\n');
