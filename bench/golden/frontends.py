"""Golden features of front ends: torchaudio's mel spectrograms and MFCCs, scipy's spectra and statistics, in doubles, of sounds
that the tests make again from the same rule. Needs torch, torchaudio, numpy and scipy; writes test/unit/frontends/golden.json.
"""
import json
import sys

import numpy as np
import scipy.fft
import scipy.signal
import scipy.stats
import torch
import torchaudio


def sound(count, rate):
    """A chirp, two tones and steps of a linear congruential generator, rounded to int16: no library's random numbers."""
    t = np.arange(count) / rate
    state, noise = 12345, np.zeros(count)
    for i in range(count):
        state = (1103515245 * state + 12345) % 2**31
        noise[i] = state / 2**30 - 1
    wave = 6000 * np.sin(2 * np.pi * (200 + 900 * t) * t) + 3000 * np.sin(2 * np.pi * rate / 5 * t) + 800 * noise
    return np.rint(wave).astype(np.int16)


def mel_power(samples, rate, window, hop, size, bands, low, high):
    spectrogram = torchaudio.transforms.MelSpectrogram(
        sample_rate=rate, n_fft=size, win_length=window, hop_length=hop, f_min=low, f_max=high, n_mels=bands,
        center=False, power=2.0, norm=None, mel_scale="htk",
    ).double()
    # torchaudio centres a short window in the transform, which changes phases alone; frames begin earlier by that much.
    before = (size - window) // 2
    padded = np.concatenate([np.zeros(before), samples.astype(np.float64), np.zeros(size)])
    return spectrogram(torch.from_numpy(padded)).numpy().T


def main(path):
    rate, window, hop, size, bands = 16000, 480, 320, 512, 40
    count = 5 * hop + window
    samples = sound(count, rate)
    power = mel_power(samples, rate, window, hop, size, bands, 20.0, 8000.0)[:6]
    logs = np.log2(power)
    cepstra = scipy.fft.dct(logs, type=2, norm="ortho", axis=1)[:, :13]
    # Vibration: scipy alone.
    vibration = sound(256, 1600).astype(np.float64)
    deviations = vibration - np.rint(vibration.mean())
    spectrum = np.abs(scipy.fft.rfft(deviations * scipy.signal.get_window("hann", 256))) ** 2
    edges = np.linspace(0, 800, 10)
    frequencies = scipy.fft.rfftfreq(256, 1 / 1600)
    energies = [
        float(np.sum(spectrum * np.interp(frequencies, edges[i : i + 3], [0, 1, 0], left=0, right=0))) for i in range(8)
    ]
    result = {
        "source": {"torchaudio": torchaudio.__version__.split("+")[0], "scipy": scipy.__version__},
        "logMel": np.round(logs, 5).tolist(),
        "mfcc": np.round(cepstra, 5).tolist(),
        "spectrum": np.round(np.log2(energies), 5).tolist(),
        "statistics": {
            "rms": round(float(np.log2(np.sum(deviations**2))), 5),
            "crest": round(float(2 * np.log2(np.abs(deviations).max() / np.sqrt(np.mean(deviations**2)))), 5),
            "kurtosis": round(float(np.log2(scipy.stats.kurtosis(vibration, fisher=False))), 5),
        },
    }
    with open(path, "w") as file:
        json.dump(result, file)
        file.write("\n")


main(sys.argv[1])
