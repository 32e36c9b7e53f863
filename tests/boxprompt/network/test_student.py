"""The student keeps the paper's size, shapes and equations."""

from __future__ import annotations

import pytest
import torch

from boxprompt.network.config import StudentConfig
from boxprompt.network.cost import measure_cost
from boxprompt.network.fusing import fold_batch_norms
from boxprompt.network.gating import GatedIntegration, PlainFusion
from boxprompt.network.guidance import DualGuidance
from boxprompt.network.memory import MemoryBank
from boxprompt.network.student import Student


@pytest.fixture(scope="module")
def student() -> Student:
    torch.manual_seed(0)
    return Student(StudentConfig()).eval()


@pytest.fixture
def image() -> torch.Tensor:
    return torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))


def test_the_student_stays_within_the_papers_parameters_and_macs(student: Student) -> None:
    cost = measure_cost(student, side_px=224)
    assert 5.0e6 < cost.parameters <= 5.6e6
    assert 1.2e9 < cost.macs <= 1.4e9


def test_macs_count_a_multiply_add_once() -> None:
    layer = torch.nn.Conv2d(3, 8, 1, bias=False)
    assert measure_cost(layer, side_px=10).macs == 3 * 8 * 100


def test_the_backbone_gives_the_papers_four_scales(student: Student, image: torch.Tensor) -> None:
    with torch.inference_mode():
        shapes = [tuple(scale.shape[1:]) for scale in student.backbone(image)]
    assert shapes == [(64, 56, 56), (128, 28, 28), (160, 14, 14), (320, 7, 7)]


@pytest.mark.parametrize("side", [224, 448])
def test_every_output_has_its_stated_shape_and_range(side: int) -> None:
    student = Student(StudentConfig(input_side_px=side)).eval()
    with torch.inference_mode():
        output = student(torch.randn(1, 3, side, side))
    assert output.logits.shape == (1, 1, side, side)
    assert output.coarse_logits.shape == (1, 1, side // 4, side // 4)
    for response in (output.mean_gate, output.memory):
        assert response.shape == (1, 1, side // 4, side // 4)
        assert 0.0 <= float(response.min()) <= float(response.max()) <= 1.0
    assert torch.allclose(output.retrieval.sum(dim=1), torch.ones(1, side // 4, side // 4), atol=1e-5)


@pytest.mark.parametrize("name", ["width", "memory_size", "memory_key_width"])
def test_a_card_cannot_ask_for_a_student_that_fills_memory(name: str) -> None:
    with pytest.raises(ValueError, match="at most 1024"):
        StudentConfig.from_dict({name: 10**9})


@pytest.mark.parametrize(("gates", "memory"), [(True, False), (False, True), (False, False)])
def test_ablation_rows_leave_out_what_they_say(gates: bool, memory: bool, image: torch.Tensor) -> None:
    student = Student(StudentConfig(use_gates=gates, use_memory=memory)).eval()
    names = {name.split(".")[0] for name, _ in student.named_parameters()}
    assert ("memory" in names) == memory
    assert ("integration" in names) == gates
    with torch.inference_mode():
        output = student(image)
    assert (output.memory is not None) == memory
    assert bool((output.mean_gate == 1).all()) == (not gates)


def test_gates_weight_the_scales_and_average_to_the_mean_gate() -> None:
    scales = [torch.full((1, 8, 4, 4), float(value)) for value in (1, 2, 3, 4)]
    integration = GatedIntegration(8)
    for gate in integration.gates:
        torch.nn.init.zeros_(gate.weight)
        torch.nn.init.constant_(gate.bias, -20.0)
    torch.nn.init.constant_(integration.gates[2].bias, 20.0)
    fused, mean_gate = integration(scales)
    assert torch.allclose(fused, torch.full_like(fused, 3.0), atol=1e-4)
    assert torch.allclose(mean_gate, torch.full_like(mean_gate, 0.25), atol=1e-4)


def test_half_open_gates_still_give_the_mean_of_the_scales() -> None:
    scales = [torch.full((1, 8, 4, 4), float(value)) for value in (1, 2, 3, 4)]
    integration = GatedIntegration(8)
    for gate in integration.gates:
        torch.nn.init.zeros_(gate.weight)
        torch.nn.init.zeros_(gate.bias)
    fused, mean_gate = integration(scales)
    assert torch.allclose(fused, torch.full_like(fused, 2.5), atol=1e-4)
    assert torch.allclose(mean_gate, torch.full_like(mean_gate, 0.5))


def test_plain_fusion_is_the_mean_of_the_scales() -> None:
    scales = [torch.randn(1, 8, 4, 4) for _ in range(4)]
    fused, mean_gate = PlainFusion()(scales)
    assert torch.allclose(fused, torch.stack(scales).mean(dim=0), atol=1e-6)
    assert mean_gate.shape == (1, 1, 4, 4)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_dual_guidance_is_equation_4(alpha: float) -> None:
    base, gate, memory = (torch.rand(1, 1, 5, 5) for _ in range(3))
    expected = alpha * (base * gate) + (1 - alpha) * memory
    assert torch.allclose(DualGuidance(alpha)(base, gate, memory), expected)


def test_a_learnable_alpha_starts_at_one_half_and_receives_gradient() -> None:
    guidance = DualGuidance("learnable")
    guidance(torch.rand(1, 1, 3, 3), torch.rand(1, 1, 3, 3), torch.rand(1, 1, 3, 3)).sum().backward()
    (alpha_logit,) = guidance.parameters()
    assert float(guidance.alpha.detach()) == pytest.approx(0.5)
    assert alpha_logit.grad is not None and float(alpha_logit.grad.abs()) > 0


def test_a_query_at_a_prototype_retrieves_its_response() -> None:
    memory = MemoryBank(4, size=3, key_width=4)
    with torch.no_grad():
        memory.query.weight.copy_(torch.eye(4)[:, :, None, None])
        memory.query.bias.zero_()
        memory.keys.copy_(torch.eye(4)[:3])
        memory.response_logits.copy_(torch.tensor([-6.0, 0.0, 6.0]))
        memory.log_temperature.fill_(2.0)
    fused = torch.eye(4)[:3].T.reshape(1, 4, 1, 3)
    prior, weights = memory(fused)
    assert torch.allclose(prior.flatten(), torch.sigmoid(torch.tensor([-6.0, 0.0, 6.0])), atol=1e-3)
    assert weights.argmax(dim=1).flatten().tolist() == [0, 1, 2]


def test_the_bias_starts_at_the_prior_of_a_manipulated_pixel() -> None:
    student = Student(StudentConfig())
    student.initialise_bias(0.1)
    assert float(torch.sigmoid(student.refinement.body[-1].bias.detach())) == pytest.approx(0.1)


def test_folding_and_explicit_attention_change_nothing_but_speed(image: torch.Tensor) -> None:
    torch.manual_seed(3)
    student = Student(StudentConfig())
    with torch.no_grad():
        student(image)  # one training pass, so that BatchNorm statistics are not the trivial ones
    student.eval()
    with torch.inference_mode():
        expected = student(image).logits
        fold_batch_norms(student)
        student.backbone.use_explicit_attention()
        folded = student(image).logits
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in student.modules())
    assert torch.allclose(folded, expected, atol=2e-4)


def test_folding_refuses_a_network_in_training() -> None:
    with pytest.raises(ValueError, match="evaluation mode"):
        fold_batch_norms(Student(StudentConfig()))


@pytest.mark.parametrize(
    "values", [{"input_side_px": 256}, {"alpha": 1.5}, {"alpha": "sometimes"}, {"width": 2}, {"memory_size": 0}]
)
def test_an_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        StudentConfig.from_dict(values)


def test_a_configuration_survives_the_card() -> None:
    config = StudentConfig(use_memory=False, alpha="learnable")
    assert StudentConfig.from_dict(config.to_dict()) == config
