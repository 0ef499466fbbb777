/** The page's only connection: messages to and from the extension, each checked on arrival. */
import { parseToPage, type ToHost, type ToPage } from '../src/protocol/dashboard';

const api = acquireVsCodeApi<unknown>();

export function send(message: ToHost): void {
  api.postMessage(message);
}

/** What is not a valid message is reported and otherwise ignored. */
export function onMessage(handle: (message: ToPage) => void): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const parsed = parseToPage(event.data);
    if (parsed.ok) handle(parsed.value);
    else send({ type: 'problem', message: `ignored a message (${parsed.problem.slice(0, 1000)})` });
  });
}

/** What the page keeps while it is hidden, and over a reload of the window. */
export function loadState(): unknown {
  return api.getState();
}

export function saveState(state: object): void {
  api.setState(state);
}
