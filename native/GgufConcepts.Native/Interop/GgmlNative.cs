using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>ggml.h and ggml-backend.h: storage types, tensors, logging, compute devices.</summary>
internal static unsafe partial class GgmlNative
{
    internal const string Base = "ggml-base"; // types, quantisation, tensors, logging, one device
    internal const string Registry = "ggml";  // loading of compute modules, the list of devices

    // const struct ggml_type_traits * ggml_get_type_traits(enum ggml_type type);
    [LibraryImport(Base)]
    internal static partial GgmlTypeTraits* ggml_get_type_traits(GgmlType type);

    // size_t ggml_quantize_chunk(enum ggml_type type, const float * src, void * dst, int64_t start, int64_t nrows,
    //                            int64_t n_per_row, const float * imatrix);
    [LibraryImport(Base)]
    internal static partial nuint ggml_quantize_chunk(
        GgmlType type, float* src, void* dst, long start, long nrows, long n_per_row, float* imatrix);

    // bool ggml_quantize_requires_imatrix(enum ggml_type type);
    [LibraryImport(Base)]
    internal static partial NativeBool ggml_quantize_requires_imatrix(GgmlType type);

    // ggml_abort_callback_t ggml_set_abort_callback(ggml_abort_callback_t callback);
    [LibraryImport(Base)]
    internal static partial nint ggml_set_abort_callback(delegate* unmanaged[Cdecl]<byte*, void> callback);

    // const char * ggml_get_name(const struct ggml_tensor * tensor);
    [LibraryImport(Base)]
    internal static partial byte* ggml_get_name(nint tensor);

    // int64_t ggml_nelements(const struct ggml_tensor * tensor);
    [LibraryImport(Base)]
    internal static partial long ggml_nelements(nint tensor);

    // int64_t ggml_nrows(const struct ggml_tensor * tensor);
    [LibraryImport(Base)]
    internal static partial long ggml_nrows(nint tensor);

    // size_t ggml_element_size(const struct ggml_tensor * tensor);
    [LibraryImport(Base)]
    internal static partial nuint ggml_element_size(nint tensor);

    // bool ggml_is_contiguous(const struct ggml_tensor * tensor);
    [LibraryImport(Base)]
    internal static partial NativeBool ggml_is_contiguous(nint tensor);

    // void ggml_backend_tensor_get(const struct ggml_tensor * tensor, void * data, size_t offset, size_t size);
    [LibraryImport(Base)]
    internal static partial void ggml_backend_tensor_get(nint tensor, void* data, nuint offset, nuint size);

    // void ggml_backend_load_all_from_path(const char * dir_path);
    [LibraryImport(Registry, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void ggml_backend_load_all_from_path(string dir_path);

    // size_t ggml_backend_dev_count(void);
    [LibraryImport(Registry)]
    internal static partial nuint ggml_backend_dev_count();

    // ggml_backend_dev_t ggml_backend_dev_get(size_t index);
    [LibraryImport(Registry)]
    internal static partial nint ggml_backend_dev_get(nuint index);

    // const char * ggml_backend_dev_name(ggml_backend_dev_t device);
    [LibraryImport(Base)]
    internal static partial byte* ggml_backend_dev_name(nint device);

    // const char * ggml_backend_dev_description(ggml_backend_dev_t device);
    [LibraryImport(Base)]
    internal static partial byte* ggml_backend_dev_description(nint device);

    // void ggml_backend_dev_memory(ggml_backend_dev_t device, size_t * free, size_t * total);
    [LibraryImport(Base)]
    internal static partial void ggml_backend_dev_memory(nint device, out nuint free, out nuint total);

    // enum ggml_backend_dev_type ggml_backend_dev_type(ggml_backend_dev_t device);
    [LibraryImport(Base)]
    internal static partial ComputeDeviceKind ggml_backend_dev_type(nint device);

    // ggml_backend_dev_t ggml_backend_dev_by_type(enum ggml_backend_dev_type type);
    [LibraryImport(Registry)]
    internal static partial nint ggml_backend_dev_by_type(ComputeDeviceKind type);

    // ggml_backend_reg_t ggml_backend_dev_backend_reg(ggml_backend_dev_t device);
    [LibraryImport(Base)]
    internal static partial nint ggml_backend_dev_backend_reg(nint device);

    // void * ggml_backend_reg_get_proc_address(ggml_backend_reg_t reg, const char * name);
    [LibraryImport(Base, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void* ggml_backend_reg_get_proc_address(nint reg, string name);

    // void ggml_threadpool_params_init(struct ggml_threadpool_params * p, int n_threads);
    [LibraryImport(Base)]
    internal static partial void ggml_threadpool_params_init(out GgmlThreadpoolParams p, int n_threads);
}
