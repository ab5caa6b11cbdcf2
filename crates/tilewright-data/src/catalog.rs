//! The published sets. All sizes are bytes; the checksums are those other data-set tools pin for the same addresses.

use tilewright::dataset::Normalization;
use tilewright::dataset::cifar::Labels;

/// A set.
#[derive(Debug)]
pub struct Entry {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Whom to cite.
    pub source: &'static str,
    /// The folder its files lie in.
    pub folder: &'static str,
    /// Where its archives are, ending in a slash.
    pub base: &'static str,
    /// What is downloaded.
    pub archives: &'static [Archive],
    /// Form and labels.
    pub form: Form,
    /// What turns its pixels into a network's input.
    pub normalization: Normalization,
    /// What accuracy is trained on.
    pub train: Split,
    /// What accuracy is measured on.
    pub test: Split,
}

/// A file to download.
#[derive(Debug)]
pub struct Archive {
    /// Its name below the base.
    pub name: &'static str,
    /// Its length.
    pub bytes: u64,
    /// Its checksum in hexadecimal.
    pub sha256: &'static str,
    /// What is inside.
    pub packing: Packing,
}

/// What an archive has inside.
#[derive(Clone, Copy, Debug)]
pub enum Packing {
    /// Many files, by their names.
    TarGz,
    /// One file, of the archive's name without `.gz`.
    Gz,
}

/// The form of the files.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Records, any number of files.
    Cifar(Labels),
    /// A file of images and one of labels.
    Idx {
        /// Number of classes.
        classes: usize,
    },
}

/// Files that are used together.
#[derive(Debug)]
pub struct Split {
    /// "train" or "test".
    pub name: &'static str,
    /// How many images they hold.
    pub images: usize,
    /// In the order they are read.
    pub files: &'static [DataFile],
}

/// An unpacked file.
#[derive(Debug)]
pub struct DataFile {
    /// Its name.
    pub name: &'static str,
    /// Its length.
    pub bytes: u64,
    /// Its checksum in hexadecimal.
    pub sha256: &'static str,
}

impl Entry {
    /// Both splits.
    pub fn splits(&self) -> [&Split; 2] {
        [&self.train, &self.test]
    }

    /// All its files.
    pub fn files(&self) -> impl Iterator<Item = &'static DataFile> {
        self.splits().into_iter().flat_map(|split| split.files)
    }

    /// Number of classes.
    pub const fn classes(&self) -> usize {
        match self.form {
            Form::Cifar(labels) => labels.classes(),
            Form::Idx { classes } => classes,
        }
    }

    /// The set of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        CATALOG.iter().find(|entry| entry.name == name)
    }
}

const fn file(name: &'static str, bytes: u64, sha256: &'static str) -> DataFile {
    DataFile { name, bytes, sha256 }
}

const fn gz(name: &'static str, bytes: u64, sha256: &'static str) -> Archive {
    Archive { name, bytes, sha256, packing: Packing::Gz }
}

const fn tar_gz(name: &'static str, bytes: u64, sha256: &'static str) -> Archive {
    Archive { name, bytes, sha256, packing: Packing::TarGz }
}

/// Every set, in the order they are listed.
pub static CATALOG: [Entry; 4] = [
    Entry {
        name: "cifar10",
        source: "Krizhevsky 2009",
        folder: "cifar-10-batches-bin",
        base: "https://www.cs.toronto.edu/~kriz/",
        archives: &[tar_gz(
            "cifar-10-binary.tar.gz",
            170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        )],
        form: Form::Cifar(Labels::Cifar10),
        normalization: Normalization::CIFAR10,
        train: Split {
            name: "train",
            images: 50_000,
            files: &[
                file(
                    "data_batch_1.bin",
                    30_730_000,
                    "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
                ),
                file(
                    "data_batch_2.bin",
                    30_730_000,
                    "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
                ),
                file(
                    "data_batch_3.bin",
                    30_730_000,
                    "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
                ),
                file(
                    "data_batch_4.bin",
                    30_730_000,
                    "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
                ),
                file(
                    "data_batch_5.bin",
                    30_730_000,
                    "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
                ),
            ],
        },
        test: Split {
            name: "test",
            images: 10_000,
            files: &[file(
                "test_batch.bin",
                30_730_000,
                "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
            )],
        },
    },
    Entry {
        name: "cifar100",
        source: "Krizhevsky 2009",
        folder: "cifar-100-binary",
        base: "https://www.cs.toronto.edu/~kriz/",
        archives: &[tar_gz(
            "cifar-100-binary.tar.gz",
            168_513_733,
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        )],
        form: Form::Cifar(Labels::Cifar100Fine),
        normalization: Normalization::CIFAR100,
        train: Split {
            name: "train",
            images: 50_000,
            files: &[file(
                "train.bin",
                153_700_000,
                "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
            )],
        },
        test: Split {
            name: "test",
            images: 10_000,
            files: &[file("test.bin", 30_740_000, "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a")],
        },
    },
    Entry {
        name: "mnist",
        source: "LeCun, Cortes, Burges 1998",
        folder: "mnist",
        base: "https://ossci-datasets.s3.amazonaws.com/mnist/",
        archives: &[
            gz(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            gz(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            gz(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            gz("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ],
        form: Form::Idx { classes: 10 },
        normalization: Normalization::MNIST,
        train: Split {
            name: "train",
            images: 60_000,
            files: &[
                file(
                    "train-images-idx3-ubyte",
                    47_040_016,
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                ),
                file(
                    "train-labels-idx1-ubyte",
                    60_008,
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                ),
            ],
        },
        test: Split {
            name: "test",
            images: 10_000,
            files: &[
                file(
                    "t10k-images-idx3-ubyte",
                    7_840_016,
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                ),
                file(
                    "t10k-labels-idx1-ubyte",
                    10_008,
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                ),
            ],
        },
    },
    Entry {
        name: "fashion-mnist",
        source: "Xiao, Rasul, Vollgraf 2017",
        folder: "fashion-mnist",
        base: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        archives: &[
            gz(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            gz(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            gz(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            gz("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ],
        form: Form::Idx { classes: 10 },
        normalization: Normalization::FASHION_MNIST,
        train: Split {
            name: "train",
            images: 60_000,
            files: &[
                file(
                    "train-images-idx3-ubyte",
                    47_040_016,
                    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                ),
                file(
                    "train-labels-idx1-ubyte",
                    60_008,
                    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                ),
            ],
        },
        test: Split {
            name: "test",
            images: 10_000,
            files: &[
                file(
                    "t10k-images-idx3-ubyte",
                    7_840_016,
                    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                ),
                file(
                    "t10k-labels-idx1-ubyte",
                    10_008,
                    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
                ),
            ],
        },
    },
];
