import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { chooseDevice, cudaFault } from '../../src/ort/device.ts';

/** Where the cause is a library: the beginning is ONNX Runtime's on stderr, the end what its session throws. */
const unloaded = (cause: string) =>
  `\u001b[1;31m2024-12-09 13:04:11.264813429 [E:onnxruntime:Default, provider_bridge_ort.cc:1862 TryGetProviderInfo_CUDA] /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1539 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library libonnxruntime_providers_cuda.so with error: ${cause}\n\u001b[m\nOrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library\n`;
const missing = (library: string) => unloaded(`${library}: cannot open shared object file: No such file or directory`);
const failed = (failure: string, line: string) =>
  `/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:122 std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, SUCCTYPE, const char*, const char*, int) [with ERRTYPE = cudaError; bool THRW = true; SUCCTYPE = cudaError; std::conditional_t<THRW, void, common::Status> = void] ${failure} ; GPU=-1 ; hostname=c4327188c000000 ; ${line}\n`;
const setDevice =
  'file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=336 ; expr=cudaSetDevice(info_.device_id); ';

/* Texts of this machine and of issues of the named trackers; that of libcuda, glibc's, and failure 304 and 2 are put together like those. */
test.each([
  [
    'no provider (onnxruntime-node 1.30 as installed here)',
    '2026-11-27 08:41:42.042447208 [E:onnxruntime:onnxruntime-node, provider_bridge_ort.cc:2146 Create] /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1988 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library /app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_shared.so with error: /app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_shared.so: cannot open shared object file: No such file or directory\n\nOrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library\n',
    /no CUDA provider.*ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node/,
  ],
  [
    'CUDA (microsoft/onnxruntime#22968)',
    missing('libcublasLt.so.12'),
    /^libcublasLt\.so\.12 is missing: install CUDA 12/,
  ],
  ['CUDA (cnstark/pytorch-docker#21)', missing('libcurand.so.10'), /^libcurand\.so\.10 is missing: install CUDA 12/],
  ['cuDNN (Gourieff/sd-webui-reactor#503)', missing('libcudnn.so.9'), /^libcudnn\.so\.9 is missing: install cuDNN 9/],
  ['cuDNN (memoavatar/memo#13)', missing('libcudnn_adv.so.9'), /^libcudnn_adv\.so\.9 is missing: install cuDNN 9/],
  ['the driver', missing('libcuda.so.1'), /^libcuda\.so\.1 is missing: the machine has no NVIDIA driver/],
  [
    'another system',
    unloaded("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found"),
    /^the CUDA provider does not load: .*GLIBC_2\.34' not found$/,
  ],
  [
    'no driver, or an old one (onnxruntime/mobius#316)',
    failed('CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version', setDevice),
    /driver is missing, or older than CUDA 12 needs/,
  ],
  [
    'no GPU (deepinsight/insightface#2524)',
    failed('CUDA failure 100: no CUDA-capable device is detected', setDevice),
    /finds no GPU/,
  ],
  [
    'memory (hacksider/Deep-Live-Cam#584)',
    failed(
      'CUDA failure 2: out of memory',
      'line=175 ; expr=cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);',
    ),
    /memory of the GPU is full/,
  ],
  [
    'memory (microsoft/onnxruntime#20038)',
    "Non-zero status code returned while running Mul node. Name:'Mul_8702' Status Message: /workspace/onnxruntime/onnxruntime/core/framework/bfc_arena.cc:368 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*, bool, onnxruntime::WaitNotificationFn) Failed to allocate memory for requested buffer of size 2830172160\n",
    /memory of the GPU is full/,
  ],
  [
    'a failure that is not known (microsoft/onnxruntime#20421)',
    failed('CUDA failure 304: OS call failed or operation not supported on this OS', setDevice),
    /^CUDA failure 304: OS call failed or operation not supported on this OS$/,
  ],
  ['nothing that is known: the last line', 'first\n\n  last \n\n', /^last$/],
  ['nothing at all', '', /^the probe ended without a word$/],
])('%s', (_, said, told) => {
  expect(cudaFault(said)).toMatch(told);
});

test('cuda is had or refused with the cause that auto tells', async () => {
  const device = await chooseDevice('auto');
  if (device.name === 'cuda') {
    expect(await chooseDevice('cuda')).toEqual({ name: 'cuda' });
    return;
  }
  expect(device.reason).not.toBe('');
  await expect(chooseDevice('cuda')).rejects.toThrow(
    new UsageError(`device: expected a GPU that CUDA can use, got none: ${device.reason}`),
  );
});

test('cpu is not probed', async () => {
  expect(await chooseDevice('cpu')).toEqual({ name: 'cpu' });
});
