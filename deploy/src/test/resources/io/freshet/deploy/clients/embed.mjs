// node embed.mjs DIR IMAGE... : the images' vectors by transformers.js and by onnxruntime-node, one JSON object a line.
import {AutoImageProcessor, AutoModel, RawImage, env} from '@huggingface/transformers';
import * as ort from 'onnxruntime-node';
import path from 'node:path';

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
const session = await ort.InferenceSession.create(path.join(dir, 'onnx/model.onnx'));
for (const image of images) {
  const {pixel_values} = await processor(await RawImage.read(image));
  const {last_hidden_state, pooler_output} = await model({pixel_values});
  const feeds = {pixel_values: new ort.Tensor('float32', pixel_values.data, pixel_values.dims)};
  const direct = await session.run(feeds);
  console.log(JSON.stringify({
    image,
    tokens: last_hidden_state.dims,
    transformers: unit(pooler_output.data),
    onnxruntime: unit(direct.pooler_output.data),
  }));
}
