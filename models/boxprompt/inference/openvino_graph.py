"""The student as an OpenVINO graph, built node by node from the torch modules and their parameters.

Built by hand, not traced: tracing belongs to TorchScript, which torch has deprecated, takes seconds, and bakes in what
it happened to see. Here a module of a kind that is not in the table is an error, and `OpenVinoRuntime` compares the
graph's answer with torch's whenever it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boxprompt.network.gating import GatedIntegration
from boxprompt.network.memory import MemoryBank
from boxprompt.network.refinement import Refinement
from boxprompt.network.student import Student
from boxprompt.openvino_import import OpenVino
from boxprompt.torchvision_import import tiny_vit

Node = Any  # openvino's nodes; openvino is an extra

_GATE_EPSILON = 1e-6  # as in GatedIntegration
_NORM_EPSILON = 1e-12  # as in torch.nn.functional.normalize


class UnknownModuleError(TypeError):
    """The network holds a module that the graph builder does not know: a defect, or another version of timm."""


@torch.no_grad()
def student_graph(student: Student, openvino: OpenVino) -> Any:
    """The student as an `openvino.Model`.

    Input: float32 (1, S, S, 3), normalised RGB, S the student's input side.
    Outputs, by name, each in [0, 1]: "scores" (1, 1, S, S), "coarse_scores" and "mean_gate" (1, 1, S/4, S/4) and,
    where there is a memory, "memory" (1, 1, S/4, S/4).

    Args:
        student: in evaluation mode, BatchNorms folded.
        openvino: the package.

    Raises:
        UnknownModuleError: the network holds a module that no graph is known for.
    """
    ops, side = openvino.ops, student.config.input_side_px
    image = ops.parameter([1, side, side, 3], np.float32, "image")
    answers = _GraphBuilder(ops).answers(student, ops.transpose(image, np.array([0, 3, 1, 2])))
    results = []
    for name, node in answers.items():
        result = ops.result(node)
        result.output(0).set_names({name})
        results.append(result)
    return openvino.api.Model(results, [image], "student")


class _GraphBuilder:
    """Builds the graph of one student, for one square image at a time."""

    def __init__(self, ops: Any) -> None:
        self._ops = ops
        self._kinds: Mapping[type[nn.Module], Callable[[Any, Node], Node]] = {
            nn.Conv2d: self._convolution,
            nn.Linear: self._linear,
            nn.LayerNorm: self._layer_norm,
            nn.GELU: lambda _, x: ops.gelu(x, "erf"),
            nn.Identity: lambda _, x: x,
            nn.Dropout: lambda _, x: x,
            nn.Sequential: self._in_order,
            tiny_vit.ConvNorm: self._in_order,
            tiny_vit.PatchEmbed: self._in_order,
            tiny_vit.PatchMerging: self._in_order,
            tiny_vit.NormMlp: self._in_order,
            tiny_vit.ConvLayer: self._in_order,
            tiny_vit.MBConv: self._inverted_bottleneck,
            tiny_vit.TinyVitStage: self._stage,
            tiny_vit.TinyVitBlock: self._block,
            tiny_vit.Attention: self._attention,
        }

    def answers(self, student: Student, image: Node) -> dict[str, Node]:
        """What `student_graph` puts out, by name, of a (1, 3, S, S) image."""
        ops = self._ops
        scales = self._preprocessed(student, self._pyramid(student, image))
        fused, mean_gate = self._integrated(student.integration, scales)
        guided = ops.multiply(ops.sigmoid(self._apply(student.base.head, fused)), mean_gate)
        answers = {"mean_gate": mean_gate}
        if student.memory is not None:
            answers["memory"] = self._remembered(student.memory, fused)
            alpha = np.float32(float(torch.as_tensor(student.guidance.alpha)))
            guided = ops.add(ops.multiply(alpha, guided), ops.multiply(1 - alpha, answers["memory"]))  # Eq. 4
        coarse = self._refined(student.refinement, guided, fused)
        answers["coarse_scores"] = ops.sigmoid(coarse)
        answers["scores"] = ops.sigmoid(self._resized(coarse, _sides(image)))
        return answers

    def _apply(self, module: nn.Module, x: Node) -> Node:
        build = self._kinds.get(type(module))
        if build is None:
            raise UnknownModuleError(f"no graph is known for {type(module).__name__}")
        return build(module, x)

    def _in_order(self, container: nn.Module, x: Node) -> Node:
        return reduce(lambda value, layer: self._apply(layer, value), container.children(), x)

    def _pyramid(self, student: Student, image: Node) -> list[Node]:
        x, scales = image, []
        for name, layer in student.backbone.body.named_children():
            x = self._apply(layer, x)
            if name.startswith("stages"):
                scales.append(x)
        return scales

    def _preprocessed(self, student: Student, scales: list[Node]) -> list[Node]:
        sides = _sides(scales[0])
        projected = [
            self._apply(project, scale)
            for project, scale in zip(student.preprocessing.projections, scales, strict=True)
        ]
        return [scale if _sides(scale) == sides else self._resized(scale, sides) for scale in projected]

    def _integrated(self, integration: nn.Module, scales: list[Node]) -> tuple[Node, Node]:
        ops, count = self._ops, np.float32(len(scales))
        if not isinstance(integration, GatedIntegration):
            fused = ops.divide(reduce(ops.add, scales), count)
            return fused, ops.constant(np.ones((1, 1, *_sides(fused)), np.float32))
        gates = [ops.sigmoid(self._apply(gate, scale)) for gate, scale in zip(integration.gates, scales, strict=True)]
        total = reduce(ops.add, gates)
        weighted = reduce(ops.add, (ops.multiply(gate, scale) for gate, scale in zip(gates, scales, strict=True)))
        return ops.divide(weighted, ops.add(total, np.float32(_GATE_EPSILON))), ops.divide(total, count)

    def _remembered(self, memory: MemoryBank, fused: Node) -> Node:
        ops = self._ops
        keys = nn.functional.normalize(memory.keys, dim=1) * (8.0 * memory.log_temperature.exp())
        query = ops.normalize_l2(self._apply(memory.query, fused), np.array([1]), _NORM_EPSILON**2, "max")
        weights = ops.softmax(self._pointwise(query, keys), 1)
        return self._pointwise(weights, torch.sigmoid(memory.response_logits)[None])

    def _refined(self, refinement: Refinement, response: Node, fused: Node) -> Node:
        ops = self._ops
        scale = _array(refinement.skip_scale)
        skip = ops.subtract(ops.multiply(response, 2 * scale), scale)
        return ops.add(skip, self._apply(refinement.body, ops.concat([fused, response], 1)))

    def _resized(self, x: Node, sides: tuple[int, int]) -> Node:
        """Bilinear, corners not aligned."""
        return self._ops.interpolate(
            x,
            np.array(sides, np.int64),
            mode="linear_onnx",
            shape_calculation_mode="sizes",
            coordinate_transformation_mode="half_pixel",
            axes=np.array([2, 3], np.int64),
        )

    def _convolution(self, layer: nn.Conv2d, x: Node) -> Node:
        weight = _array(layer.weight)
        begin = [int(side) for side in layer.padding]
        geometry = (list(layer.stride), begin, begin, list(layer.dilation))
        if layer.groups == 1:
            result = self._ops.convolution(x, weight, *geometry)
        else:
            grouped = weight.reshape(layer.groups, -1, *weight.shape[1:])
            result = self._ops.group_convolution(x, grouped, *geometry)
        if layer.bias is None:
            return result
        return self._ops.add(result, _array(layer.bias).reshape(1, -1, 1, 1))

    def _pointwise(self, x: Node, weight: Tensor) -> Node:
        """1×1 convolution with a weight of (out, in)."""
        return self._ops.convolution(x, _array(weight)[:, :, None, None], [1, 1], [0, 0], [0, 0], [1, 1])

    def _linear(self, layer: nn.Linear, x: Node) -> Node:
        product = self._ops.matmul(x, _array(layer.weight), False, True)
        return product if layer.bias is None else self._ops.add(product, _array(layer.bias))

    def _layer_norm(self, layer: nn.LayerNorm, x: Node) -> Node:
        ops = self._ops
        normal = ops.mvn(x, np.array([-1]), True, layer.eps, "inside_sqrt")
        return ops.add(ops.multiply(normal, _array(layer.weight)), _array(layer.bias))

    def _inverted_bottleneck(self, block: Any, x: Node) -> Node:
        y = x
        for layer in (block.conv1, block.act1, block.conv2, block.act2, block.conv3, block.drop_path):
            y = self._apply(layer, y)
        return self._apply(block.act3, self._ops.add(y, x))

    def _stage(self, stage: Any, x: Node) -> Node:
        rows_last = self._transposed(self._apply(stage.downsample, x), 0, 2, 3, 1)
        return self._transposed(self._apply(stage.blocks, rows_last), 0, 3, 1, 2)

    def _block(self, block: Any, x: Node) -> Node:
        """Attention within windows, a depthwise convolution, an MLP; (1, H, W, C) in and out."""
        ops = self._ops
        _, height, width, channels = _shape(x)
        side = block.window_size
        if height % side or width % side:
            raise UnknownModuleError(f"a map of {height}x{width} does not divide into windows of {side}")
        windows = (height // side, side, width // side, side, channels)
        parts = self._reshaped(self._transposed(self._reshaped(x, *windows), 0, 2, 1, 3, 4), -1, side * side, channels)
        attended = self._reshaped(self._apply(block.attn, parts), windows[0], windows[2], side, side, channels)
        x = ops.add(x, self._reshaped(self._transposed(attended, 0, 2, 1, 3, 4), 1, height, width, channels))
        x = self._apply(block.local_conv, self._transposed(x, 0, 3, 1, 2))
        x = self._transposed(x, 0, 2, 3, 1)
        return ops.add(x, self._apply(block.mlp, x))

    def _attention(self, attention: Any, x: Node) -> Node:
        """Multi-head attention with a bias for each pair of places; (windows, N, C) in and out."""
        ops = self._ops
        windows, places, _ = _shape(x)
        heads, key, value = attention.num_heads, attention.key_dim, attention.val_dim
        mixed = self._apply(attention.qkv, self._apply(attention.norm, x))
        mixed = self._transposed(self._reshaped(mixed, windows, places, heads, 2 * key + value), 0, 2, 1, 3)
        q, k, v = ops.variadic_split(mixed, 3, np.array([key, key, value], np.int64)).outputs()
        bias = _array(attention.attention_biases[:, attention.attention_bias_idxs])[None]
        similarity = ops.matmul(ops.multiply(q, np.float32(attention.scale)), k, False, True)
        found = ops.matmul(ops.softmax(ops.add(similarity, bias), -1), v, False, False)
        return self._apply(attention.proj, self._reshaped(self._transposed(found, 0, 2, 1, 3), windows, places, -1))

    def _transposed(self, x: Node, *order: int) -> Node:
        return self._ops.transpose(x, np.array(order, np.int64))

    def _reshaped(self, x: Node, *shape: int) -> Node:
        return self._ops.reshape(x, np.array(shape, np.int64), False)


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().cpu().float().numpy())


def _shape(x: Node) -> tuple[int, ...]:
    node = x.output(0) if hasattr(x, "output") else x
    return tuple(int(side) for side in node.get_shape())


def _sides(x: Node) -> tuple[int, int]:
    _, _, height, width = _shape(x)
    return height, width
