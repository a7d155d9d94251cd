// SPDX-License-Identifier: MIT
// The page's end of recording-worker.js: {blob, a promise, and cancel()}.

export function recordApart({ base, material, format, title, progress }) {
  const worker = new Worker(new URL('recording-worker.js', import.meta.url), { type: 'module' });
  const blob = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if ('share' in data) progress(data.share);
      else if (data.blob) resolve(data.blob);
      else reject(new Error(data.error));
    };
    worker.onerror = () => reject(new Error('the worker could not be started'));
  });
  const end = () => worker.terminate();
  blob.then(end, end);
  const transfer = material.memory ? [material.memory] : [];
  worker.postMessage({ base, material, format, title }, transfer);
  return { blob, cancel: end };
}
