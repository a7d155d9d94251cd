// SPDX-License-Identifier: MIT
// The engine on a thread of its own.

import { serveSource } from '../audio/source-proxy.js';
import { EngineSource } from './engine-source.js';

serveSource((base) => new EngineSource(base));
