/** What to do when the user wants an end: Ctrl-C (SIGINT), or SIGTERM. */
export interface SignalHandlers {
  /** At the first signal. */
  readonly stop: () => void;
  /** At the second one, right before the process ends with 130. */
  readonly abandon: () => void;
}

/** Stops at the first signal, and ends the process at the second one, until the function that it returns is called. */
export function onSignals({ stop, abandon }: SignalHandlers): () => void {
  let isStopping = false;
  const handle = () => {
    if (isStopping) {
      abandon();
      process.exit(130);
    }
    isStopping = true;
    stop();
  };
  process.on('SIGINT', handle).on('SIGTERM', handle);
  return () => {
    process.off('SIGINT', handle).off('SIGTERM', handle);
  };
}
