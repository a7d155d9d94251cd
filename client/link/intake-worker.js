// SPDX-License-Identifier: MIT
// The intake on a thread of its own, so that what the page draws and lays out cannot hold up sound.

import { serveSource } from '../audio/source-proxy.js';
import { Intake } from './intake.js';

serveSource((base) => new Intake(base));
