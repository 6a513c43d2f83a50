// node embed.mjs DIR IMAGE... : the images' vectors by transformers.js (also shrunk by sharp before, and in eight bits)
// and by onnxruntime-node, one JSON object a line.
import {AutoImageProcessor, AutoModel, RawImage, env} from '@huggingface/transformers';
import * as ort from 'onnxruntime-node';
import path from 'node:path';
import sharp from 'sharp';

const [dir, ...images] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = path.dirname(dir) + '/';
const name = path.basename(dir);

const unit = vector => {
  const length = Math.hypot(...vector);
  return Array.from(vector, x => x / length);
};

const processor = await AutoImageProcessor.from_pretrained(name);
const model = await AutoModel.from_pretrained(name, {dtype: 'fp32'});
const quantized = await AutoModel.from_pretrained(name, {dtype: 'q8'});
const session = await ort.InferenceSession.create(path.join(dir, 'onnx/model.onnx'));

// What has the right size the processor takes as it is. sharp's resize looks at every pixel; the processor's own, an affine map, doesn't.
const side = processor.size.shortest_edge;
const shrunk = async ({data, width, height, channels}) => {
  const to = length => Math.trunc(side * length / Math.min(width, height));
  const small = await sharp(data, {raw: {width, height, channels}})
    .resize(to(width), to(height), {fit: 'fill', kernel: 'cubic'}).raw().toBuffer();
  return new RawImage(new Uint8ClampedArray(small), to(width), to(height), channels);
};

for (const image of images) {
  const read = (await RawImage.read(image)).rgb();
  const {pixel_values} = await processor(read);
  const {pooler_output: well} = await model(await processor(await shrunk(read)));
  const {last_hidden_state, pooler_output} = await model({pixel_values});
  const small = await quantized({pixel_values});
  const feeds = {pixel_values: new ort.Tensor('float32', pixel_values.data, pixel_values.dims)};
  const direct = await session.run(feeds);
  console.log(JSON.stringify({
    image,
    tokens: last_hidden_state.dims,
    transformers: unit(pooler_output.data),
    shrunk: unit(well.data),
    quantized: unit(small.pooler_output.data),
    onnxruntime: unit(direct.pooler_output.data),
  }));
}
