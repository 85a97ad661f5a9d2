// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "invoices",
    dependencies: [
        // In a repository of your own: .package(url: "<this repository>", branch: "main")
        .package(name: "tallystick", path: "../../..")
    ],
    targets: [
        .target(
            name: "InvoiceBook",
            dependencies: [.product(name: "Tallystick", package: "tallystick")]
        ),
        .executableTarget(name: "invoices", dependencies: ["InvoiceBook"]),
        .testTarget(
            name: "InvoiceBookTests",
            dependencies: [
                "InvoiceBook", .product(name: "TallyTesting", package: "tallystick"),
            ]
        ),
    ]
)
