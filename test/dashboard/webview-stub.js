/* global window, document */
// What VS Code puts into a webview before its own scripts: the API, and state that outlives the page.
let state = window.savedBefore;
window.acquireVsCodeApi = () => ({
  postMessage: (message) => window.toHost(message),
  getState: () => state,
  setState: (value) => {
    // What cannot be JSON is lost, as in VS Code.
    state = JSON.parse(JSON.stringify(value));
  },
});
window.savedState = () => state;
document.addEventListener('securitypolicyviolation', (event) => {
  // eslint-disable-next-line no-console -- the test reads the page's console
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
