/** What the named architectures are for, in a line each, for those who have to choose one. */
import type { Architecture } from '../config/config';

export const ARCHITECTURE_SUMMARY: Readonly<Record<Architecture, string>> = {
  resnet9: 'Most accurate on small colour images; the largest of these',
  resnet8: "MLPerf Tiny's image classifier: a good start for images",
  'ds-cnn': "MLPerf Tiny's keyword spotter: spectrograms and sensor windows",
  'ds-cnn-streaming':
    'ds-cnn without padding over time: along a stream it computes only what is new',
  'mobilenet-v1': 'For larger images (96×96): few multiplications per pixel',
  lenet5: 'Small and quick: digits and other simple grey images',
  cnn1d: 'Windows of motion, vibration and other measurements over time',
  tcn: 'Sequences, causal and dilated: each step looks far back, none ahead',
  autoencoder: 'rebuilds its input through a bottleneck: what it cannot rebuild is an anomaly',
  mlp: 'Two hidden layers: tables and feature vectors',
};
