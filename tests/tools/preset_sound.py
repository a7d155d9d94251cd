#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every preset's mix beside the goals of scripts/sound-report: the short form, of 80 s and one seed, without stems.
AURALIS_LONG=1: the whole table, two seeds of three minutes, with stems, movement and nearest neighbours."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys

source = pathlib.Path(os.environ['SOURCE_DIR'])
seconds = 80
# How far so short a piece, of one seed, may lie outside: what scatters by that much between minutes.
slack = {'move': 0.5, '<50Hz': 0.5, 'phone': 0.5, '2-5k': 2.5, '>10k': 2, 'bass': 0.03, 'width': 0.1, 'mono': 0.2}


def load_report():
    loader = importlib.machinery.SourceFileLoader('sound_report', str(source / 'scripts/sound-report'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('sound_report', loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def mix_of(preset):
    compose = subprocess.Popen(['auralis-compose', '-q', '--preset', str(preset), '--seed', '1', '--duration', f'{seconds}s'],
                               stdout=subprocess.PIPE)
    subprocess.run(['auralis-render', '-q', '--bits', 'f32', '-o', 'mix.wav'], stdin=compose.stdout, check=True)
    if compose.wait():
        sys.exit(f'{preset}: cannot be composed')
    return json.loads(subprocess.run(['auralis-stats', 'audio', 'mix.wav', '--json'], stdout=subprocess.PIPE, check=True).stdout)


def main():
    report = load_report()
    if os.environ.get('AURALIS_LONG', '') not in ('', '0'):
        return subprocess.run([str(source / 'scripts/sound-report'), '--check', str(pathlib.Path('report.html').resolve())]).returncode
    goals = [goal for goal in report.goals if goal.path.startswith('mix.')]
    wrong = []
    for preset in sorted((source / 'presets').glob('*.yaml')):
        figures = {'mix': mix_of(preset)}
        for goal in goals:
            value, (low, high) = report.value_at(figures, goal.path), goal.range_for(preset.stem)
            spare = slack[goal.name]
            if (low is not None and value < low - spare) or (high is not None and value > high + spare):
                wrong.append(f'{preset.stem}: {goal.name} is {value}, expected {low} to {high}, here {spare} more either way')
        if figures['mix']['clicks'] or figures['mix']['true_peak_dbtp'] > -0.9:
            wrong.append(f"{preset.stem}: {figures['mix']['clicks']} clicks, {figures['mix']['true_peak_dbtp']} dBTP")
    print('\n'.join(wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
