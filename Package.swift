// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let collections = Target.Dependency.product(
    name: "DequeModule",
    package: "swift-collections"
)
let configuration = Target.Dependency.product(
    name: "Configuration",
    package: "swift-configuration"
)
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")

/// The layers, lowest first: a target depends only on targets above its own line.
let layers: [(name: String, dependencies: [Target.Dependency])] = [
    ("TallyCrypto", ["COpenSSL"]),
    ("TallyLZ4", ["CLZ4"]),
    ("TallyCore", ["TallyCrypto"]),
    ("TallyPostgres", ["CLibPQ"]),
    ("TallyVault", ["CPKCS11", "TallyCore", "TallyCrypto", "TallyPostgres"]),
    (
        "TallyStore",
        [
            "CSchema", "TallyCore", "TallyCrypto", "TallyLZ4", "TallyPostgres", "TallyVault",
            collections, logging, metrics,
        ]
    ),
    (
        "TallyReplay",
        [
            "TallyCore", "TallyCrypto", "TallyPostgres", "TallyStore", "TallyVault", logging,
        ]
    ),
    (
        "TallyDecisions",
        [
            "TallyCore", "TallyCrypto", "TallyPostgres", "TallyReplay", "TallyStore", "TallyVault",
            logging,
        ]
    ),
    (
        "TallyEvidence",
        ["TallyCore", "TallyCrypto", "TallyPostgres", "TallyStore", "TallyVault"]
    ),
    (
        "Tallystick",
        [
            "TallyCore", "TallyCrypto", "TallyDecisions", "TallyEvidence", "TallyPostgres",
            "TallyReplay", "TallyStore", "TallyVault", lifecycle, logging,
        ]
    ),
]

let package = Package(
    name: "tallystick",
    products: [
        .library(name: "Tallystick", targets: ["Tallystick"]),
        .library(name: "TallyTesting", targets: ["TallyTesting"]),
        .executable(name: "tally", targets: ["TallyCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: ["YAML"]
        ),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .target(name: "CSchema", path: "schema", exclude: ["facts", "keys", "ledger"]),
        .target(name: "CPKCS11", linkerSettings: [.linkedLibrary("dl")]),
    ]
        + layers.map {
            .target(name: $0.name, dependencies: $0.dependencies, swiftSettings: swiftSettings)
        }
        + [
            .target(
                name: "TallyTesting",
                dependencies: [
                    "TallyCore", "TallyCrypto", "TallyDecisions", "TallyPostgres", "TallyStore",
                    "TallyVault", "Tallystick",
                ],
                swiftSettings: swiftSettings
            ),
            .executableTarget(
                name: "TallyCLI",
                dependencies: [
                    "CMalloc", "TallyCore", "TallyCrypto", "TallyDecisions", "TallyEvidence",
                    "TallyPostgres", "TallyReplay", "TallyStore", "TallyVault", "Tallystick",
                    argumentParser, configuration, system, yams,
                ],
                swiftSettings: swiftSettings
            ),
            .executableTarget(
                name: "TallyBenchmark",
                dependencies: [
                    "TallyCore", "TallyCrypto", "TallyDecisions", "TallyPostgres", "TallyReplay",
                    "TallyStore", "TallyVault", "Tallystick",
                ],
                path: "benchmarks",
                exclude: ["memory", "pitr"],
                swiftSettings: swiftSettings
            ),
        ]
        + layers.map {
            .testTarget(
                name: "\($0.name)Tests",
                dependencies: [.target(name: $0.name), "TallyTesting"] + $0.dependencies,
                swiftSettings: swiftSettings
            )
        }
        + [
            .testTarget(
                name: "TallyCLITests",
                dependencies: [
                    "TallyCLI", "TallyCore", "TallyPostgres", "TallyReplay", "TallyTesting",
                    "Tallystick",
                ],
                swiftSettings: swiftSettings
            )
        ],
    cLanguageStandard: .c2x
)

// The fuzzer has no main of its own, so it is part of the package only where it is asked for.
if Context.environment["TALLY_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "TallyFuzz",
            dependencies: ["TallyCore", "TallyReplay", "TallyStore"],
            path: "Tests/TallyFuzz",
            swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]
        )
    )
}
