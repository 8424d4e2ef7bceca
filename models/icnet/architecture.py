"""A design comes in; ICNet, a network for liver, kidney and kind of view, goes out as a Keras model.

The graph is that of the official deployment file of ICNet (half-width PSPNet-50, cascade feature fusion) with two
sigmoid outputs, and pooling bins that adapt to the size of the map. As shipped it also takes a smaller frame of two
channels, and has a head on the low branch that tells the kind of view.

References
----------
Zhao et al., ICNet for Real-Time Semantic Segmentation on High-Resolution Images, ECCV 2018.
"""

from dataclasses import dataclass
from typing import Any

import keras
from keras import layers, ops

from models.icnet.backend import Normalisation, channel_axis

CLASSES = ("liver", "kidney")
"""Order of the output channels."""

VIEWS = ("hepatorenal", "left_kidney", "liver", "kidney", "other")
"""Order of the view head's outputs; that of `hri_node.phantom.ranges.Kind`."""

STRIDE = 32
"""The low branch sees one pixel of 32: rows and columns must be multiples of it."""

POOL_BINS = (1, 2, 3, 6)
"""Cells along each side of the pyramid's poolings."""

Tensor = Any
"""A Keras tensor, symbolic or of any backend."""


@dataclass(frozen=True, slots=True)
class Design:
    """What may differ between networks of this family.

    Attributes
    ----------
    shape
        (rows, columns) of the input, multiples of 32.
    channels
        Of the input.
    views
        Whether there is a head for the kind of view.
    """

    shape: tuple[int, int]
    channels: int
    views: bool


SHIPPED = Design((256, 320), 2, views=True)
"""The frame cut to the sector, in the channels of `hri_node.segment.channels`."""

LITERAL = Design((480, 640), 1, views=False)
"""As the paper has it: the whole screen, one channel of grey levels, no view head; a row of the benchmark."""


def build_icnet(design: Design = SHIPPED, *, training: bool) -> keras.Model:
    """ICNet of a design.

    Parameters
    ----------
    design
        Sizes and heads.
    training
        True: batch normalisation, and logits of the main prediction (1/4), both auxiliary heads (1/8, 1/16) and the
        views. False: the graph that is served, normalisation folded into biases, probabilities at full size.

    Returns
    -------
    keras.Model
        Takes (batch, rows, columns, channels); gives (batch, rows, columns, 2) and, with a view head, (batch, 5).
    """
    assert all(size % STRIDE == 0 for size in design.shape), f"shape is {design.shape}, multiples of {STRIDE} needed"
    net = _Blocks(normalise=training)
    inputs = keras.Input((*design.shape, design.channels), name="picture")
    picture = layers.Permute((3, 1, 2), name="channels_first")(inputs) if channel_axis() == 1 else inputs
    shallow = _half_resolution(net, picture)
    low = _low_resolution(net, shallow)
    low_up = layers.UpSampling2D(2, interpolation="bilinear", name="low_up")(low)
    fused = _fuse(net, "sub24", low_up, shallow)
    fused_up = layers.UpSampling2D(2, interpolation="bilinear", name="sub24_up")(fused)
    full = _fuse(net, "sub12", fused_up, _full_resolution(net, picture))
    quarter = net.head("conv6_cls", layers.UpSampling2D(2, interpolation="bilinear", name="sub12_up")(full))
    views = [_views(low)] if design.views else []
    if training:
        outputs = [quarter, net.head("sub24_cls", fused_up), net.head("sub4_cls", low_up), *views]
        return keras.Model(inputs, [_in_float32(output) for output in outputs], name="icnet")
    logits = layers.UpSampling2D(4, interpolation="bilinear", name="conv6_up")(quarter)
    chances = [layers.Activation("softmax", name="view")(logit) for logit in views]
    organs = layers.Activation("sigmoid", name="probability")(_channels_last(logits))
    return keras.Model(inputs, [organs, *chances], name="icnet")


def _in_float32(x: Tensor) -> Tensor:
    """Losses are computed in float32 even where the network is not."""
    return layers.Activation("linear", dtype="float32")(_channels_last(x))


def _channels_last(x: Tensor) -> Tensor:
    """Maps as everything outside the network has them."""
    return layers.Permute((2, 3, 1))(x) if channel_axis() == 1 and len(x.shape) == 4 else x  # noqa: PLR2004 - a map


def _views(low: Tensor) -> Tensor:
    """Logits of the kinds of view from what the low branch sees on average and at most."""
    seen = [layers.GlobalAveragePooling2D(name="view_mean")(low), layers.GlobalMaxPooling2D(name="view_most")(low)]
    return layers.Dense(len(VIEWS), name="view_cls")(layers.Concatenate(name="view_seen")(seen))


def _half_resolution(net: "_Blocks", picture: Tensor) -> Tensor:
    """conv1 to conv3_1 on the picture at half size: features at 1/16."""
    half = layers.AveragePooling2D(2, name="half")(picture)
    x = net.unit("conv1_1", half, 32, stride=2)
    x = net.unit("conv1_3", net.unit("conv1_2", x, 32), 64)
    x = layers.MaxPooling2D(3, 2, padding="same", name="pool1")(x)
    for index in (1, 2, 3):
        x = net.bottleneck(f"conv2_{index}", x, 32)
    return net.bottleneck("conv3_1", x, 64, stride=2)


def _low_resolution(net: "_Blocks", shallow: Tensor) -> Tensor:
    """The rest of the backbone and the pooling pyramid at 1/32; conv3_1 is shrunk instead of a third picture."""
    x = layers.AveragePooling2D(2, name="conv3_1_sub4")(shallow)
    for index in (2, 3, 4):
        x = net.bottleneck(f"conv3_{index}", x, 64)
    for index in range(1, 7):
        x = net.bottleneck(f"conv4_{index}", x, 128, dilation=2)
    for index in (1, 2, 3):
        x = net.bottleneck(f"conv5_{index}", x, 256, dilation=4)
    pooled = [_pooled(x, bins) for bins in POOL_BINS]
    return net.unit("conv5_4_k1", layers.Add(name="pyramid_sum")([x, *pooled]), 256, kernel=1)


def _full_resolution(net: "_Blocks", picture: Tensor) -> Tensor:
    """Three strided convolutions on the whole picture: features at 1/8."""
    x = net.unit("conv2_sub1", net.unit("conv1_sub1", picture, 32, stride=2), 32, stride=2)
    return net.unit("conv3_sub1", x, 64, stride=2)


def _fuse(net: "_Blocks", name: str, coarse: Tensor, fine: Tensor) -> Tensor:
    """Cascade feature fusion: dilated convolution of the coarse map plus projection of the fine one."""
    context = net.unit(f"{name}_conv", coarse, 128, dilation=2, activate=False)
    detail = net.unit(f"{name}_proj", fine, 128, kernel=1, activate=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_sum")([context, detail]))


def _pooled(x: Tensor, bins: int) -> Tensor:
    """Means of bins × bins cells, brought back to the map's size. Cells may overlap where the size does not divide."""
    first = 2 if channel_axis() == 1 else 1
    rows, columns = x.shape[first], x.shape[first + 1]
    lead = (slice(None),) * first
    bands = [
        ops.stack(
            [
                ops.mean(x[(*lead, slice(*down), slice(*across))], axis=(first, first + 1))
                for across in cells(columns, bins)
            ],
            axis=first,
        )
        for down in cells(rows, bins)
    ]
    return ops.image.resize(ops.stack(bands, axis=first), (rows, columns), interpolation="bilinear")


def cells(length: int, bins: int) -> list[tuple[int, int]]:
    """First and last (exclusive) index of each of `bins` cells that cover `length` samples.

    Parameters
    ----------
    length
        Samples along one side.
    bins
        Cells along that side.

    Returns
    -------
    list of (int, int)
        Cells of at least one sample, evenly placed.
    """
    return [(i * length // bins, -(-(i + 1) * length // bins)) for i in range(bins)]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The repeated parts; with batch normalisation, or with a bias that holds it."""

    normalise: bool

    def unit(  # noqa: PLR0913 - a convolution has that many properties, named at each call
        self,
        name: str,
        x: Tensor,
        filters: int,
        *,
        kernel: int = 3,
        stride: int = 1,
        dilation: int = 1,
        activate: bool = True,
    ) -> Tensor:
        """Convolution, normalisation, ReLU."""
        x = layers.Conv2D(
            filters,
            kernel,
            stride,
            padding="same",
            dilation_rate=dilation,
            use_bias=not self.normalise,
            kernel_initializer="he_normal",
            name=name,
        )(x)
        if self.normalise:
            x = Normalisation(channel_axis(), momentum=0.9, epsilon=1e-5, name=f"{name}_bn")(x)
        return layers.ReLU(name=f"{name}_relu")(x) if activate else x

    def bottleneck(self, name: str, x: Tensor, width: int, *, stride: int = 1, dilation: int = 1) -> Tensor:
        """Residual block 1×1, 3×3, 1×1 with four times `width` features."""
        y = self.unit(f"{name}_reduce", x, width, kernel=1, stride=stride)
        y = self.unit(f"{name}_3x3", y, width, dilation=dilation)
        y = self.unit(f"{name}_increase", y, 4 * width, kernel=1, activate=False)
        if x.shape[channel_axis()] != 4 * width:
            x = self.unit(f"{name}_proj", x, 4 * width, kernel=1, stride=stride, activate=False)
        return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_sum")([x, y]))

    def head(self, name: str, x: Tensor) -> Tensor:
        """Logits of liver and kidney."""
        return layers.Conv2D(len(CLASSES), 1, name=name)(x)
